import { KustomizeError } from "../error.ts"
import { readAgeKeys } from "./age.ts"
import type { AgeKeys } from "./age.ts"
import type { AgeEntry, KeyGroup, Metadata } from "./metadata.ts"
import { combineParts } from "./shamir.ts"

/** Finds data keys with the identities of one call. */
export interface KeyRing {
  /**
   * The data key of a file. Throws `NoDecryptionKey` when no identity fits, `UnsupportedKeyType` when the file was
   * encrypted for other services than age only.
   */
  dataKeyOf(metadata: Metadata): Promise<Uint8Array>
}

/** A ring of identities; `age-encryption` is loaded when the first data key is asked for. */
export function createKeyRing(identities: readonly string[], signal?: AbortSignal): KeyRing {
  let keys: Promise<AgeKeys> | undefined
  return {
    async dataKeyOf({ groups, threshold }) {
      const needed = groups.length === 1 ? 1 : threshold
      const reachable = groups.filter(({ age }) => age.length > 0)
      if (reachable.length < needed) return refuseKeys(groups, needed)
      keys ??= readAgeKeys(identities)
      const parts: Uint8Array[] = []
      for (const { age } of reachable) {
        const part = await openFirst(await keys, age, signal)
        if (part !== undefined) parts.push(part)
        if (parts.length === needed) return groups.length === 1 ? part! : combineParts(parts)
      }
      return refuseIdentities(reachable, { needed, found: parts.length })
    },
  }
}

async function openFirst(
  { open }: AgeKeys,
  entries: readonly AgeEntry[],
  signal: AbortSignal | undefined,
): Promise<Uint8Array | undefined> {
  for (const { encrypted } of entries) {
    signal?.throwIfAborted()
    const opened = await open(encrypted)
    if (opened !== undefined) return opened
  }
  return undefined
}

function refuseIdentities(groups: readonly KeyGroup[], { needed, found }: { needed: number; found: number }): never {
  const recipients = groups.flatMap(({ age }) => age.map(({ recipient }) => printable(recipient))).join(", ")
  const why =
    needed === 1 ? "no age identity fits" : `age identities fit ${found} of the ${needed} key groups that are needed`
  throw new KustomizeError("NoDecryptionKey", `${why}; the file was encrypted for ${recipients}`)
}

// Recipients are public; what a stranger wrote in their place is cut.
const printable = (recipient: string): string => {
  const clean = recipient.replace(/[^\x21-\x7e ]/g, "?")
  return clean.length > 80 ? `${clean.slice(0, 80)}…` : clean
}

function refuseKeys(groups: readonly KeyGroup[], needed: number): never {
  const services = [...new Set(groups.flatMap(({ otherKeys }) => otherKeys))]
  if (services.length === 0) throw new KustomizeError("InvalidSops", "the metadata of SOPS names no key")
  const names = services.join(", ")
  const where = needed === 1 ? "only" : "in so many of its key groups that those of age do not suffice"
  throw new KustomizeError("UnsupportedKeyType", `the file was encrypted for ${names} ${where}; age is supported`)
}
