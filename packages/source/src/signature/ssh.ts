import { createHash, verify } from "node:crypto"
import { SourceError } from "../error.ts"
import { curves, publicKeyOf, readStrings, wireString } from "./wire.ts"

/** One key of an `authorized_keys` file. */
export interface AuthorizedKey {
  /** `ssh-ed25519`, `ssh-rsa`, `ecdsa-sha2-nistp256`, … */
  readonly type: string
  /** The key in SSH's wire format. */
  readonly blob: Buffer
  /** `SHA256:…`, as `ssh-keygen -l` prints it. */
  readonly fingerprint: string
}

/**
 * The keys of an `authorized_keys` text. Empty lines and comments are passed over, options before a key too. Throws
 * `InvalidSignature` for any other line that is no key.
 *
 * @example
 * const keys = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBHY6llNF+oKe6wUQ/OKvJO6K+S3TmiVNRxHHDzqWHVU bot@acme.example"
 * parseAuthorizedKeys(keys).map(({ fingerprint }) => fingerprint)   // ["SHA256:8jA0jyfvIAJ9Pef6gL5CByn7nExHKiXN4Y227MA1ZB0"]
 */
export function parseAuthorizedKeys(text: string): AuthorizedKey[] {
  const lines = text.split("\n").map((line) => line.trim())
  return lines.filter((line) => line !== "" && !line.startsWith("#")).map(parseLine)
}

function parseLine(line: string): AuthorizedKey {
  const words = splitWords(line)
  for (const at of [0, 1]) {
    const [type, encoded] = [words[at], words[at + 1]]
    if (type === undefined || encoded === undefined || !/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) continue
    const blob = Buffer.from(encoded, "base64")
    if (publicKeyOf(blob)?.type === type) return { type, blob, fingerprint: fingerprintOf(blob) }
  }
  throw new SourceError("InvalidSignature", "unable to parse authorized key")
}

/** Words between blanks; blanks within double quotes do not count. */
function splitWords(line: string): string[] {
  const words: string[] = []
  let word = ""
  let quoted = false
  for (let at = 0; at < line.length; at++) {
    const char = line[at]!
    if (char === '"' && line[at - 1] !== "\\") quoted = !quoted
    if (quoted || (char !== " " && char !== "\t")) word += char
    else if (word !== "") {
      words.push(word)
      word = ""
    }
  }
  return word === "" ? words : [...words, word]
}

function fingerprintOf(blob: Buffer): string {
  return `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`
}

interface SshSignature {
  readonly publicKey: Buffer
  readonly namespace: string
  readonly hash: string
  readonly algorithm: string
  readonly signature: Buffer
}

const begin = "-----BEGIN SSH SIGNATURE-----"
const end = "-----END SSH SIGNATURE-----"

/** Reads the armour and the blob of PROTOCOL.sshsig. */
function parseSignature(armoured: string): SshSignature {
  const invalid = (): SourceError => new SourceError("InvalidSignature", "unable to unarmor SSH signature")
  const text = armoured.trimStart()
  const close = text.indexOf(end)
  const body = close < 0 ? "" : text.slice(begin.length, close).replace(/[\r\n\t ]+/g, "")
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(body) || body.length % 4 !== 0) throw invalid()
  const blob = Buffer.from(body, "base64")
  if (blob.toString("latin1", 0, 6) !== "SSHSIG" || blob.length < 10 || blob.readUInt32BE(6) !== 1) throw invalid()
  const fields = readStrings(blob, 5, 10)
  const inner = fields && readStrings(fields.strings[4]!, 2)
  if (!fields || fields.end !== blob.length || !inner) throw invalid()
  const [publicKey, namespace, , hash] = fields.strings as [Buffer, Buffer, Buffer, Buffer]
  const [algorithm, signature] = inner.strings as [Buffer, Buffer]
  return {
    publicKey,
    namespace: namespace.toString("utf8"),
    hash: hash.toString("latin1"),
    algorithm: algorithm.toString("latin1"),
    signature,
  }
}

const namespace = "git"

/**
 * The fingerprint of the key among `keys` (texts of `authorized_keys`) that made the signature. Throws
 * `InvalidSignature`: see `verifySignature`.
 */
export function verifySsh(payload: Uint8Array, armoured: string, keys: readonly string[]): string {
  const parsed = parseSignature(armoured)
  const { hash } = parsed
  if (hash !== "sha256" && hash !== "sha512")
    throw new SourceError("InvalidSignature", "the SSH signature uses an unknown hash")
  if (parsed.namespace !== namespace) {
    throw new SourceError(
      "InvalidSignature",
      `the SSH signature is for the namespace '${parsed.namespace.slice(0, 50)}', not '${namespace}'`,
    )
  }
  const known = readKeys(keys).find(({ blob }) => blob.equals(parsed.publicKey))
  const digest = createHash(hash).update(payload).digest()
  const signed = Buffer.concat([Buffer.from("SSHSIG"), ...[namespace, "", hash, digest].map(wireString)])
  if (known && isSignedBy(signed, parsed)) return known.fingerprint
  throw new SourceError("InvalidSignature", "unable to verify payload with any of the given authorized keys")
}

function readKeys(texts: readonly string[]): AuthorizedKey[] {
  const keys: AuthorizedKey[] = []
  let broken: unknown
  let read = 0
  for (const text of texts) {
    try {
      keys.push(...parseAuthorizedKeys(text))
      read++
    } catch (error) {
      broken = error
    }
  }
  if (broken && read === 0) throw broken
  return keys
}

function isSignedBy(signed: Buffer, { publicKey, algorithm, signature }: SshSignature): boolean {
  const found = publicKeyOf(publicKey)
  if (!found) return false
  const { type, key } = found
  if (type === "ssh-ed25519") return algorithm === type && verify(null, signed, key, signature)
  if (type === "ssh-rsa") {
    const hash = { "rsa-sha2-256": "sha256", "rsa-sha2-512": "sha512" }[algorithm]
    return hash !== undefined && verify(hash, signed, key, signature)
  }
  const curve = curves.get(type)
  const numbers = readStrings(signature, 2)
  if (!curve || algorithm !== type || !numbers || numbers.end !== signature.length) return false
  const parts = numbers.strings.map((number) => fixed(number, curve.bytes))
  if (parts.some((part) => part === undefined)) return false
  return verify(curve.hash, signed, { key, dsaEncoding: "ieee-p1363" }, Buffer.concat(parts as Buffer[]))
}

/** A number in exactly `length` bytes; undefined when it is larger. */
function fixed(number: Buffer, length: number): Buffer | undefined {
  let start = 0
  while (start < number.length && number[start] === 0) start++
  const digits = number.subarray(start)
  return digits.length > length ? undefined : Buffer.concat([Buffer.alloc(length - digits.length), digits])
}
