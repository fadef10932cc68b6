import { createHash, hash } from "node:crypto"
import { SourceError } from "../error.ts"

/** How a repository names its objects. */
export type ObjectFormat = "sha1" | "sha256"

/** The four kinds of git objects. */
export type ObjectType = "commit" | "tree" | "blob" | "tag"

/** One git object: its kind and its bytes without header. */
export interface GitObject {
  readonly type: ObjectType
  readonly data: Buffer
}

/** The length of an id in bytes. */
export function oidBytes(format: ObjectFormat): number {
  return format === "sha1" ? 20 : 32
}

const small = 16_384

/** The id of an object. */
export function oidOf(type: ObjectType, data: Uint8Array, format: ObjectFormat): string {
  const header = `${type} ${data.length}\0`
  if (data.length > small) return createHash(format).update(header).update(data).digest("hex")
  // One call for header and bytes is twice as fast, which counts for thousands of objects.
  const bytes = Buffer.allocUnsafe(header.length + data.length)
  bytes.write(header, "latin1")
  bytes.set(data, header.length)
  return hash(format, bytes, "hex")
}

/** True when `text` is a complete id: 40 (SHA-1) or 64 (SHA-256) lower-case hexadecimal digits. */
export function isOid(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text)
}

/** The format of a complete id. Throws `InvalidResponse` for anything else. */
export function formatOf(oid: string): ObjectFormat {
  if (!isOid(oid)) throw new SourceError("InvalidResponse", "the server sent an id that is none")
  return oid.length === 40 ? "sha1" : "sha256"
}
