import { compareBytes } from "@gitops-toolkit/kube"

/** Compares two JSON scalars in the order of structured merge: numbers, texts, booleans, lists, maps, null. */
export function compareScalars(a: unknown, b: unknown): number {
  const left = kind(a)
  const right = kind(b)
  if (left !== right) return left - right
  if (left === 0) return (a as number) < (b as number) ? -1 : (a as number) > (b as number) ? 1 : 0
  if (left === 1) return compareBytes(a as string, b as string)
  if (left === 2) return Number(a) - Number(b)
  return left === 5 ? 0 : compareBytes(JSON.stringify(a), JSON.stringify(b))
}

function kind(value: unknown): number {
  if (typeof value === "number" || typeof value === "bigint") return 0
  if (typeof value === "string") return 1
  if (typeof value === "boolean") return 2
  if (value === null || value === undefined) return 5
  return Array.isArray(value) ? 3 : 4
}
