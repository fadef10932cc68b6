import { KustomizeError } from "../error.ts"

// Shamir's secret sharing over GF(2^8), as SOPS has it from HashiCorp's Vault: every byte of the secret is the value at 0
// of a polynomial of its own, and a part has the values of all of them at one x, which is its last byte.

/** The product in GF(2^8) modulo x^8 + x^4 + x^3 + x + 1; the same steps whatever the factors are. */
function multiply(a: number, b: number): number {
  let product = 0
  for (let bit = 7; bit >= 0; bit--) {
    product = (product << 1) ^ (-(product >> 7) & 0x11b)
    product ^= -((b >> bit) & 1) & a
  }
  return product
}

/** The inverse of a number that is not 0: its power of 254. */
function invert(a: number): number {
  let power = a
  for (let bit = 0; bit < 6; bit++) power = multiply(multiply(power, power), a)
  return multiply(power, power)
}

const malformed = (): never => {
  throw new KustomizeError("InvalidSops", "the parts of a data key do not fit each other")
}

/**
 * The secret that was split in parts, from as many of them as are needed; fewer give another secret. Throws `InvalidSops`
 * for fewer than two, for parts of different lengths, and for two of the same x.
 */
export function combineParts(parts: readonly Uint8Array[]): Uint8Array {
  const length = parts[0]?.length ?? 0
  const xs = parts.map((part) => part.at(-1) ?? 0)
  const isSound = parts.length > 1 && length > 1 && new Set(xs).size === xs.length && !xs.includes(0)
  if (!isSound || parts.some((part) => part.length !== length)) malformed()
  const secret = new Uint8Array(length - 1)
  for (const [index, part] of parts.entries()) {
    const x = xs[index]!
    // The value at 0 of the polynomial that is 1 at this x and 0 at all others.
    const weight = xs.reduce(
      (product, other) => (other === x ? product : multiply(product, multiply(other, invert(x ^ other)))),
      1,
    )
    for (let at = 0; at < secret.length; at++) secret[at]! ^= multiply(part[at]!, weight)
  }
  return secret
}
