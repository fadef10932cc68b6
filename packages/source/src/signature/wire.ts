import { createPublicKey, type KeyObject } from "node:crypto"

/** Reads the strings of SSH's wire format, one after the other; undefined at a string that is cut off. */
export function readStrings(bytes: Buffer, count: number, start = 0): { strings: Buffer[]; end: number } | undefined {
  const strings: Buffer[] = []
  let at = start
  for (let left = count; left > 0; left--) {
    if (at + 4 > bytes.length) return undefined
    const length = bytes.readUInt32BE(at)
    if (at + 4 + length > bytes.length) return undefined
    strings.push(bytes.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return { strings, end: at }
}

/** A string of SSH's wire format. */
export function wireString(content: Buffer | string): Buffer {
  const bytes = Buffer.from(content as string)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

/** The elliptic curves of SSH keys: Node's name, bytes of a coordinate, and the hash that belongs to the curve. */
export const curves: ReadonlyMap<string, { readonly crv: string; readonly bytes: number; readonly hash: string }> =
  new Map([
    ["ecdsa-sha2-nistp256", { crv: "P-256", bytes: 32, hash: "sha256" }],
    ["ecdsa-sha2-nistp384", { crv: "P-384", bytes: 48, hash: "sha384" }],
    ["ecdsa-sha2-nistp521", { crv: "P-521", bytes: 66, hash: "sha512" }],
  ])

const base64url = (bytes: Buffer): string => bytes.toString("base64url")
const unsigned = (bytes: Buffer): Buffer => (bytes[0] === 0 ? bytes.subarray(1) : bytes)

/** The key in a public key blob of SSH; undefined for a kind that is not supported or a blob that is damaged. */
export function publicKeyOf(blob: Buffer): { readonly type: string; readonly key: KeyObject } | undefined {
  const head = readStrings(blob, 1)
  if (!head) return undefined
  const type = head.strings[0]!.toString("latin1")
  const jwk = jwkOf(type, blob, head.end)
  if (!jwk) return undefined
  try {
    return { type, key: createPublicKey({ key: jwk, format: "jwk" }) }
  } catch {
    return undefined // a point that is not on its curve, a modulus of no size
  }
}

function jwkOf(type: string, blob: Buffer, at: number): Record<string, string> | undefined {
  const curve = curves.get(type)
  const rest = readStrings(blob, type === "ssh-ed25519" ? 1 : 2, at)
  if (!rest || rest.end !== blob.length) return undefined
  const [first, second] = rest.strings as [Buffer, Buffer]
  if (type === "ssh-ed25519") {
    return first.length === 32 ? { kty: "OKP", crv: "Ed25519", x: base64url(first) } : undefined
  }
  if (type === "ssh-rsa") return { kty: "RSA", e: base64url(unsigned(first)), n: base64url(unsigned(second)) }
  if (!curve || second.length !== 1 + 2 * curve.bytes || second[0] !== 4) return undefined
  const x = base64url(second.subarray(1, 1 + curve.bytes))
  return { kty: "EC", crv: curve.crv, x, y: base64url(second.subarray(1 + curve.bytes)) }
}
