import { KustomizeError } from "../error.ts"
import { readAgeKeys } from "./age.ts"
import type { AgeKeys } from "./age.ts"
import type { Metadata } from "./metadata.ts"

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
    async dataKeyOf({ age, otherKeys }) {
      if (age.length === 0) return refuseKeys(otherKeys)
      keys ??= readAgeKeys(identities)
      const { open } = await keys
      for (const { encrypted } of age) {
        signal?.throwIfAborted()
        const dataKey = await open(encrypted)
        if (dataKey !== undefined) return dataKey
      }
      const recipients = age.map(({ recipient }) => printable(recipient)).join(", ")
      throw new KustomizeError("NoDecryptionKey", `no age identity fits; the file was encrypted for ${recipients}`)
    },
  }
}

// Recipients are public; what a stranger wrote in their place is cut.
const printable = (recipient: string): string => {
  const clean = recipient.replace(/[^\x21-\x7e ]/g, "?")
  return clean.length > 80 ? `${clean.slice(0, 80)}…` : clean
}

function refuseKeys(services: readonly string[]): never {
  if (services.length === 0) throw new KustomizeError("InvalidSops", "the metadata of SOPS names no key")
  const names = services.join(", ")
  throw new KustomizeError("UnsupportedKeyType", `the file was encrypted for ${names} only; age is supported`)
}
