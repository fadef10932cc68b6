import type { ElementKey } from "./elements.ts"

// Lists with more than one key (`containerPort` and `protocol`) often leave one out. kustomize then drops the key that
// nobody sets, and joins tuples that agree as far as both are given.

/** The keys that any tuple has a value for. */
export function usedKeys(tuples: readonly (readonly string[])[], keys: readonly string[]): ReadonlySet<string> {
  const used = new Set<string>()
  for (const tuple of tuples) {
    for (const [i, value] of tuple.entries()) if (value !== "") used.add(keys[i]!)
    if (used.size === keys.length) break
  }
  return used
}

/** One tuple without the keys that nobody uses; all of them when nobody uses any. */
export function narrowKeys(used: ReadonlySet<string>, values: readonly string[], keys: readonly string[]): ElementKey {
  if (used.size === 0 || used.size === keys.length) return { keys, values }
  return {
    keys: keys.filter((key) => used.has(key)),
    values: values.filter((value, i) => value !== "" || used.has(keys[i]!)),
  }
}

/** Tuples that have a value in common and contradict each other nowhere become one. */
export function joinPartialKeys(tuples: readonly string[][]): string[][] {
  const joined = [...tuples]
  if (joined.every((tuple) => tuple.every((value) => value !== ""))) return joined
  for (let i = 0; i < joined.length; i++) {
    const left = joined[i]!
    for (let j = 0; j < joined.length; j++) {
      const both = join(left, joined[j]!)
      if (both === undefined) continue
      joined[i] = both
      joined[j] = both
    }
  }
  return joined
}

function join(a: readonly string[], b: readonly string[]): string[] | undefined {
  if (a.length !== b.length) return undefined
  let common = false
  const result: string[] = []
  for (const [i, value] of a.entries()) {
    const other = b[i]!
    if (value === other) common = true
    else if (value !== "" && other !== "") return undefined
    result.push(value || other)
  }
  return common ? result : undefined
}
