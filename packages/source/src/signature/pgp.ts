import { SourceError } from "../error.ts"

interface Key {
  readonly keyPacket: unknown
}

interface Signature {
  readonly packets: readonly { readonly created?: Date | null }[]
}

interface Verification {
  readonly keyID: { toHex(): string }
  /** Resolves to true, or rejects. */
  readonly verified: Promise<boolean>
}

/** What is used of `openpgp`; its own declarations need a package that it does not bring. */
interface OpenPgp {
  readKeys(options: { readonly armoredKeys: string }): Promise<Key[]>
  readSignature(options: { readonly armoredSignature: string }): Promise<Signature>
  createMessage(options: { readonly binary: Uint8Array }): Promise<unknown>
  verify(options: object): Promise<{ readonly signatures: readonly Verification[] }>
}

const name: string = "openpgp"

async function loadOpenPgp(): Promise<OpenPgp> {
  try {
    return (await import(name)) as OpenPgp
  } catch (cause) {
    throw new SourceError("Unsupported", "PGP signatures need the package 'openpgp': npm install openpgp", { cause })
  }
}

const noMatch = (cause?: unknown): SourceError =>
  new SourceError("InvalidSignature", "unable to verify payload with any of the given key rings", { cause })

/**
 * The id (16 hexadecimal digits) of the key among `rings` (armoured) that made the signature. A key must have been valid
 * when it signed. Throws `InvalidSignature`: see `verifySignature`.
 */
export async function verifyPgp(payload: Uint8Array, armoured: string, rings: readonly string[]): Promise<string> {
  const openpgp = await loadOpenPgp()
  const keys: Key[][] = []
  let broken: unknown
  for (const ring of rings) {
    try {
      keys.push(await openpgp.readKeys({ armoredKeys: ring }))
    } catch (error) {
      broken = error
    }
  }
  if (broken && keys.length === 0) {
    throw new SourceError("InvalidSignature", "unable to read armored key ring", { cause: broken })
  }
  const signature = await readSignature(openpgp, armoured)
  for (const verificationKeys of keys) {
    const key = await signerOf(openpgp, { payload, signature, verificationKeys })
    if (key) return key
  }
  throw noMatch()
}

async function readSignature(openpgp: OpenPgp, armoured: string): Promise<Signature> {
  const text = armoured.trimStart()
  if (!text.includes("-----END PGP")) throw noMatch()
  try {
    return await openpgp.readSignature({ armoredSignature: text })
  } catch (error) {
    throw noMatch(error)
  }
}

interface Check {
  readonly payload: Uint8Array
  readonly signature: Signature
  readonly verificationKeys: Key[]
}

async function signerOf(
  openpgp: OpenPgp,
  { payload, signature, verificationKeys }: Check,
): Promise<string | undefined> {
  const message = await openpgp.createMessage({ binary: Uint8Array.from(payload) })
  const created = signature.packets[0]?.created
  // Old keys (DSA, Brainpool) are in use; whoever lists one trusts it. Weak hashes stay refused.
  const config = { rejectCurves: new Set(), rejectPublicKeyAlgorithms: new Set(), minRSABits: 1024 }
  const { signatures } = await openpgp.verify({
    message,
    signature,
    verificationKeys,
    config,
    ...(created ? { date: created } : {}),
  })
  for (const result of signatures) {
    if (await isValid(result)) return result.keyID.toHex().toUpperCase()
  }
  return undefined
}

async function isValid({ verified }: Verification): Promise<boolean> {
  try {
    return await verified
  } catch (error) {
    if (!String(error).includes("Cannot find module")) return false // not by this ring, or not over this payload
    throw new SourceError(
      "Unsupported",
      "PGP keys on Brainpool curves need the package 'eckey-utils' beside 'openpgp'",
      {
        cause: error,
      },
    )
  }
}
