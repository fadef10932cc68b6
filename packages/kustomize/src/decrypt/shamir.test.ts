import fc from "fast-check"
import { expect, test } from "vitest"
import { combineParts } from "./shamir.ts"

// GF(2^8) by logarithms to the base 3, another way than that of the code.
const powers = [1]
while (powers.length < 255) {
  const last = powers.at(-1)!
  const doubled = (last << 1) ^ (last & 0x80 ? 0x11b : 0)
  powers.push(doubled ^ last)
}
const multiply = (a: number, b: number): number =>
  a === 0 || b === 0 ? 0 : powers[(powers.indexOf(a) + powers.indexOf(b)) % 255]!

/** The part at x of a secret whose bytes are the first coefficients of polynomials. */
const partAt = (x: number, secret: Uint8Array, further: readonly Uint8Array[]): Uint8Array => {
  const value = (at: number): number =>
    further.toReversed().reduce((sum, coefficients) => multiply(sum ^ coefficients[at]!, x), 0) ^ secret[at]!
  return Uint8Array.from([...secret.keys()].map(value).concat(x))
}

test("as many parts as are needed give the secret, whichever they are", () => {
  const bytes = fc.uint8Array({ minLength: 8, maxLength: 8 })
  const parts = fc.uniqueArray(fc.integer({ min: 1, max: 255 }), { minLength: 5, maxLength: 5 })
  fc.assert(
    fc.property(bytes, fc.array(bytes, { minLength: 1, maxLength: 4 }), parts, (secret, further, xs) => {
      const needed = xs.slice(0, further.length + 1).map((x) => partAt(x, secret, further))
      expect(combineParts(needed)).toEqual(secret)
    }),
  )
})

test.each([
  ["one", [[1, 2]]],
  ["none", []],
  [
    "different lengths",
    [
      [1, 2],
      [1, 2, 3],
    ],
  ],
  [
    "one twice",
    [
      [1, 2],
      [3, 2],
    ],
  ],
  ["nothing but a number", [[1], [2]]],
  [
    "number 0",
    [
      [1, 0],
      [1, 2],
    ],
  ],
])("refuses %s", (_, parts) => {
  expect(() => combineParts(parts.map((part) => Uint8Array.from(part)))).toThrow("[InvalidSops]")
})
