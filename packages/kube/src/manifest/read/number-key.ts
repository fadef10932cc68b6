import { printFloat } from "../print/number.ts"

/**
 * A key that is a number, as sigs.k8s.io/yaml turns it into text: integers as they are, floats with the shortest digits
 * that tell 32-bit floats apart (`123456789.5` becomes `1.2345679e+08`).
 */
export function printNumberKey(value: number, text: string): string {
  const float = /[.eE]/.test(text) && !/^[-+]?0[xX]/.test(text)
  return float ? printFloat(shortestFloat32(value)) : String(value)
}

function shortestFloat32(value: number): number {
  const single = Math.fround(value)
  for (let digits = 1; digits <= 9; digits++) {
    const candidate = Number(single.toPrecision(digits))
    if (Math.fround(candidate) === single) return candidate
  }
  return single
}
