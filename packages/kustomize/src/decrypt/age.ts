import { KustomizeError } from "../error.ts"

interface Decrypter {
  addIdentity(identity: string): void
  decrypt(file: Uint8Array): Promise<Uint8Array>
}

/** What is used of `age-encryption`; its own declarations need those of browsers. */
interface Age {
  readonly Decrypter: new () => Decrypter
  readonly armor: { decode(text: string): Uint8Array }
}

const name: string = "age-encryption"

/** Identities, ready to open what was encrypted for them. */
export interface AgeKeys {
  /**
   * What an armoured age file holds; absent when no identity fits or there is none. Throws `InvalidSops` for what is
   * no age file, with neither its content nor an identity in the message.
   */
  open(armoured: string): Promise<Uint8Array | undefined>
}

async function loadAge(): Promise<Age> {
  try {
    return (await import(name)) as Age
  } catch (cause) {
    const advice = "decryption with age needs the package 'age-encryption': npm install age-encryption"
    throw new KustomizeError("NotSupported", advice, { cause })
  }
}

// The lines of a key file: identities, comments, nothing.
const identitiesOf = (text: string): string[] =>
  text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))

/**
 * Reads identities (`AGE-SECRET-KEY-1…`, also of the post-quantum kind), each text one identity or the content of a key
 * file. Loads `age-encryption`. Throws `InvalidIdentity`, which tells the number of the text only, and `NotSupported`
 * where the package is not installed.
 */
export async function readAgeKeys(texts: readonly string[]): Promise<AgeKeys> {
  const age = await loadAge()
  const decrypters: Decrypter[] = []
  for (const [index, text] of texts.entries()) {
    for (const identity of identitiesOf(text)) decrypters.push(createDecrypter(age, identity, index))
  }
  return { open: (armoured) => openWith(age, decrypters, armoured) }
}

function createDecrypter(age: Age, identity: string, index: number): Decrypter {
  const decrypter = new age.Decrypter()
  let valid = true
  try {
    decrypter.addIdentity(identity)
  } catch {
    // What the library throws may quote the identity: it is no cause of the error below.
    valid = false
  }
  if (!valid) throw new KustomizeError("InvalidIdentity", `age identity ${index + 1} of the options is malformed`)
  return decrypter
}

async function openWith(
  { armor }: Age,
  decrypters: readonly Decrypter[],
  armoured: string,
): Promise<Uint8Array | undefined> {
  let file: Uint8Array
  try {
    file = armor.decode(armoured.trim())
  } catch {
    throw new KustomizeError("InvalidSops", "a data key is no armoured age file")
  }
  for (const decrypter of decrypters) {
    try {
      return await decrypter.decrypt(file)
    } catch (error) {
      // The library has no codes; only this message says that the file is sound and meant for somebody else.
      if (error instanceof Error && error.message.startsWith("no identity matched")) continue
      throw new KustomizeError("InvalidSops", "a data key is no valid age file", { cause: error })
    }
  }
  return undefined
}
