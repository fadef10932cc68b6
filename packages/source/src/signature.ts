import { SourceError } from "./error.ts"
import { verifyPgp } from "./signature/pgp.ts"
import { parseAuthorizedKeys, verifySsh } from "./signature/ssh.ts"

export { parseAuthorizedKeys, type AuthorizedKey } from "./signature/ssh.ts"

/** In which form something was signed. */
export type SignatureFormat = "openpgp" | "ssh" | "x509" | "empty" | "unknown"

/**
 * The format of an armoured signature, by its first line.
 *
 * @example
 * signatureFormat("-----BEGIN SSH SIGNATURE-----\n…")   // "ssh"
 */
export function signatureFormat(signature: string): SignatureFormat {
  const text = signature.trimStart()
  if (text === "") return "empty"
  if (text.startsWith("-----BEGIN PGP SIGNATURE-----")) return "openpgp"
  if (text.startsWith("-----BEGIN SSH SIGNATURE-----")) return "ssh"
  return text.startsWith("-----BEGIN SIGNED MESSAGE-----") ? "x509" : "unknown"
}

/** A signed git object, taken apart. */
export interface SignedObject {
  /** The bytes that were signed. */
  readonly payload: Buffer
  /** The armoured signature; empty when there is none. */
  readonly signature: string
}

/**
 * Takes the signature out of the raw bytes of a commit (its `gpgsig` header) or an annotated tag (the armour at the end of
 * its message). What remains is exactly what was signed.
 *
 * @example
 * const commit = Buffer.from("tree 4b82\ngpgsig -----BEGIN SSH SIGNATURE-----\n U1NI\n -----END SSH SIGNATURE-----\n\nScale web to 3\n")
 * splitSignature(commit, "commit").payload.toString()   // "tree 4b82\n\nScale web to 3\n"
 */
export function splitSignature(object: Uint8Array, type: "commit" | "tag"): SignedObject {
  const bytes = Buffer.from(object.buffer, object.byteOffset, object.byteLength)
  return type === "commit" ? splitCommit(bytes) : splitTag(bytes)
}

function splitCommit(bytes: Buffer): SignedObject {
  const end = bytes.indexOf("\n\n")
  const header = bytes.toString("latin1", 0, end < 0 ? bytes.length : end)
  const lines = header.split("\n")
  const isStart = (line: string): boolean => line.startsWith("gpgsig ") || line.startsWith("gpgsig-sha256 ")
  const kept: string[] = []
  const signature: string[] = []
  let inside: "own" | "other" | undefined
  for (const line of lines) {
    if (isStart(line)) {
      inside = line.startsWith("gpgsig ") && signature.length === 0 ? "own" : "other"
      if (inside === "own") signature.push(line.slice("gpgsig ".length))
    } else if (inside && line.startsWith(" ")) {
      if (inside === "own") signature.push(line.slice(1))
    } else {
      inside = undefined
      kept.push(line)
    }
  }
  const rest = end < 0 ? Buffer.alloc(0) : bytes.subarray(end)
  const payload = Buffer.concat([Buffer.from(kept.join("\n"), "latin1"), rest])
  return { payload, signature: signature.join("\n") }
}

const armours = ["-----BEGIN PGP SIGNATURE-----", "-----BEGIN SSH SIGNATURE-----", "-----BEGIN SIGNED MESSAGE-----"]

function splitTag(bytes: Buffer): SignedObject {
  // As git does: the last line that begins an armour ends the message.
  let start = -1
  for (const armour of armours) start = Math.max(start, bytes.lastIndexOf(`\n${armour}`))
  if (start < 0) return { payload: bytes, signature: "" }
  return { payload: bytes.subarray(0, start + 1), signature: bytes.toString("utf8", start + 1) }
}

/** What `verifySignature` checks. */
export interface VerifyOptions {
  readonly payload: Uint8Array
  /** Armoured. */
  readonly signature: string
  /** Texts of public keys: armoured PGP key rings, or lines of an `authorized_keys` file. */
  readonly keys: readonly string[]
}

/** Who signed. */
export interface Verified {
  readonly format: "openpgp" | "ssh"
  /** PGP: the 16 hexadecimal digits of the key. SSH: `SHA256:…`. */
  readonly key: string
}

const isRing = (text: string): boolean => text.trimStart().startsWith("-----BEGIN PGP")

/**
 * Finds the key that made a signature. PGP needs the package `openpgp` beside this one. A text of keys that cannot be
 * read is passed over when another one fits. Throws `InvalidSignature` when nothing was signed, no key fits, the format is
 * not supported, or no text of keys could be read; `Unsupported` without `openpgp`.
 *
 * @example
 * const { payload, signature } = splitSignature(rawCommit, "commit")
 * const { key } = await verifySignature({ payload, signature, keys: [authorizedKeys] })
 */
export async function verifySignature({ payload, signature, keys }: VerifyOptions): Promise<Verified> {
  if (payload.length === 0) throw new SourceError("InvalidSignature", "unable to verify payload: payload is empty")
  if (signature.trim() === "") throw new SourceError("InvalidSignature", "unable to verify payload: signature is empty")
  const format = signatureFormat(signature)
  if (format === "ssh")
    return {
      format,
      key: verifySsh(
        payload,
        signature,
        keys.filter((text) => !isRing(text)),
      ),
    }
  if (format === "openpgp") return { format, key: await verifyPgp(payload, signature, keys.filter(isRing)) }
  throw new SourceError("InvalidSignature", `unable to verify a signature of the format ${format}`)
}

/**
 * True when `text` holds at least one key, and nothing that cannot be read; see `parseAuthorizedKeys`.
 *
 * @example
 * isAuthorizedKeys("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBHY6llNF+oKe6wUQ/OKvJO6K+S3TmiVNRxHHDzqWHVU bot@acme.example")   // true
 * isAuthorizedKeys("-----BEGIN PGP PUBLIC KEY BLOCK-----")   // false
 */
export function isAuthorizedKeys(text: string): boolean {
  try {
    return parseAuthorizedKeys(text).length > 0
  } catch (error) {
    if (error instanceof SourceError) return false
    throw error
  }
}
