/** A revision taken apart: `main@sha1:abc`, `sha1:abc`. */
export interface Revision {
  /** The branch, tag or ref; empty when there is none. */
  readonly name: string
  /** Hexadecimal digits; empty when the text holds none. */
  readonly hash: string
}

/**
 * The algorithm of a git id by its length: 40 digits `sha1`, 64 `sha256`, else `<unknown>` (as Flux writes it).
 *
 * @example
 * hashAlgorithm("5394cb7f48332b2de7c17dd8b8384bbc84b7e738")   // "sha1"
 * hashAlgorithm("5394cb7f")   // "<unknown>"
 */
export function hashAlgorithm(hash: string): string {
  return hash.length === 40 ? "sha1" : hash.length === 64 ? "sha256" : "<unknown>"
}

/**
 * The text of a revision (Flux RFC-0005): `main@sha1:…`, or `sha1:…` without a name.
 *
 * @example
 * printRevision("v1.1.0", "5394cb7f48332b2de7c17dd8b8384bbc84b7e738")
 * // "v1.1.0@sha1:5394cb7f48332b2de7c17dd8b8384bbc84b7e738"
 */
export function printRevision(name: string, hash: string): string {
  const digest = hash === "" ? "" : `${hashAlgorithm(hash)}:${hash}`
  return name === "" || digest === "" ? digest : `${name}@${digest}`
}

/**
 * Takes a revision apart, in today's form (`main@sha1:abc`) or the one before (`main/abc`, `HEAD/abc`).
 *
 * @example
 * parseRevision("feature/x@sha1:5394cb7f")   // { name: "feature/x", hash: "5394cb7f" }
 */
export function parseRevision(text: string): Revision {
  const colon = text.lastIndexOf(":")
  if (colon >= 0) {
    const at = text.lastIndexOf("@", colon)
    return { name: at < 0 ? "" : text.slice(0, at), hash: text.slice(colon + 1) }
  }
  const slash = text.lastIndexOf("/")
  const name = slash < 0 ? "" : text.slice(0, slash)
  return { name: name === "HEAD" ? "" : name, hash: text.slice(slash + 1) }
}

/**
 * A revision in today's form, whichever form it is in. A hash of unknown length gets `<unknown>`, as in Flux.
 *
 * @example
 * upgradeRevision("main/5394cb7f48332b2de7c17dd8b8384bbc84b7e738")
 * // "main@sha1:5394cb7f48332b2de7c17dd8b8384bbc84b7e738"
 */
export function upgradeRevision(text: string): string {
  if (text === "" || text.includes(":")) return text
  const { name, hash } = parseRevision(text)
  return printRevision(name, hash)
}

/**
 * A tag for people: `v1.0.0@a0c14dc8…` with the id of an annotated tag's object, else its name alone.
 *
 * @example
 * printTag("v1.1.0", "5394cb7f48332b2de7c17dd8b8384bbc84b7e738")   // "v1.1.0@5394cb7f48332b2de7c17dd8b8384bbc84b7e738"
 * printTag("v1.1.0")   // "v1.1.0"
 */
export function printTag(name: string, hash = ""): string {
  return hash === "" ? name : `${name}@${hash}`
}

/**
 * The first line of a commit's message, cut after 50 characters: what Flux writes in its events.
 *
 * @example
 * shortSubject("Scale web to 3\n\nFriday is coming.")   // "Scale web to 3"
 */
export function shortSubject(message: string): string {
  const characters = Array.from(message.split("\n", 1)[0] ?? "")
  return characters.length > 50 ? `${characters.slice(0, 50).join("")}...` : characters.join("")
}
