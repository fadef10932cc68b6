/** A revision taken apart: `main@sha1:abc`, `sha1:abc`. */
export interface Revision {
  /** The branch, tag or ref; empty when there is none. */
  readonly name: string
  /** `sha1`, `sha256`; `<unknown>` for an id of another length, as Flux writes it. */
  readonly algorithm: string
  /** Hexadecimal digits. */
  readonly hash: string
}

/**
 * The text of a revision (Flux RFC-0005): `main@sha1:…`, or `sha1:…` without a name.
 *
 * @example
 * printRevision("v1.1.0", "5394cb7f48332b2de7c17dd8b8384bbc84b7e738")   // "v1.1.0@sha1:5394cb7f…"
 */
export function printRevision(name: string, hash: string): string {
  const digest = `${hashAlgorithm(hash)}:${hash}`
  return name === "" ? digest : `${name}@${digest}`
}

/** The algorithm of a git id by its length: 40 digits `sha1`, 64 `sha256`, else `<unknown>`. */
export function hashAlgorithm(hash: string): string {
  return hash.length === 40 ? "sha1" : hash.length === 64 ? "sha256" : "<unknown>"
}
