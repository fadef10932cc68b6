import { createHash } from "node:crypto"
import { printCanonicalJson } from "./json.ts"

/** A SHA-256 digest as OCI writes it: `sha256:` and 64 lower-case hexadecimal digits. */
export type Digest = `sha256:${string}`

/**
 * The digest of a JSON value: equal values have equal digests, whatever the order of their keys and whether a number
 * is a `bigint`. Throws what `printCanonicalJson` throws.
 *
 * @example
 * digestOf({ b: 1, a: 2 }) === digestOf({ a: 2, b: 1n })   // true
 */
export function digestOf(value: unknown): Digest {
  return digestBytes(printCanonicalJson(value))
}

/**
 * The digest of bytes, or of a text's UTF-8 form.
 *
 * @example
 * digestBytes("hello\n")   // "sha256:5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"
 */
export function digestBytes(bytes: Uint8Array | string): Digest {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`
}

/**
 * True when `text` is a digest in the form that `digestBytes` gives.
 *
 * @example
 * isDigest(digestBytes("hello\n"))   // true
 * isDigest("sha256:5891b5b5")   // false
 */
export function isDigest(text: string): text is Digest {
  return /^sha256:[0-9a-f]{64}$/.test(text)
}
