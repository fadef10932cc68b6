import { createHash, createHmac, timingSafeEqual } from "node:crypto"

/**
 * True when both texts are equal, in a time that depends on their lengths only by hashing: nothing about where they
 * differ can be measured.
 *
 * @example
 * equalSecrets("s3cret", "s3cret")   // true
 * equalSecrets("s3cret", "s3cre")   // false
 */
export function equalSecrets(a: string, b: string): boolean {
  const [left, right] = [a, b].map((text) => createHash("sha256").update(text).digest())
  return timingSafeEqual(left!, right!)
}

const algorithms = new Set(["sha1", "sha256", "sha512"])

/**
 * True when `signature` is `<algorithm>=<hex HMAC of the body>`, the algorithm being sha1, sha256 or sha512; compared in
 * constant time. An empty secret proves nothing and never fits.
 *
 * @example
 * const signature = "sha256=adbde1ce40c89c14215687d5d762a47df6dfaefcfad61e2e86718ffc8498571b"
 * verifySignature(signature, Buffer.from("{}"), "s3cret")   // true
 */
export function verifySignature(signature: string, body: Uint8Array, secret: string): boolean {
  const equals = signature.indexOf("=")
  const algorithm = signature.slice(0, Math.max(equals, 0))
  if (!algorithms.has(algorithm)) return false
  return verifyHmac(signature.slice(equals + 1), { algorithm, body, secret })
}

/** True when `hex` is the HMAC of the body. An empty secret proves nothing and never fits. */
export function verifyHmac(
  hex: string,
  { algorithm, body, secret }: { readonly algorithm: string; readonly body: Uint8Array; readonly secret: string },
): boolean {
  if (secret === "") return false
  return equalSecrets(hex.toLowerCase(), createHmac(algorithm, secret).update(body).digest("hex"))
}
