import { KustomizeError } from "../error.ts"
import { textOfScalar } from "./scalar.ts"
import type { Scalar } from "./scalar.ts"

/** A document as SOPS sees it: maps keep their order, and any key is plain data. */
export type SopsNode = SopsMap | SopsList | SopsLeaf

/** A map, its entries in the order of the text. */
export interface SopsMap {
  readonly kind: "map"
  readonly entries: readonly { readonly key: string; readonly value: SopsNode }[]
}

/** A list. */
export interface SopsList {
  readonly kind: "list"
  items: readonly SopsNode[]
}

/** A value, encrypted or in clear. */
export interface SopsLeaf {
  readonly kind: "leaf"
  value: Scalar
  /** Told when the value was decrypted. */
  readonly onDecrypt?: (value: Scalar) => void
}

/** A map; throws `InvalidSops` for a key that is there twice. */
export function createMap(entries: SopsMap["entries"]): SopsMap {
  const seen = new Set<string>()
  for (const { key } of entries) {
    if (seen.has(key)) throw new KustomizeError("InvalidSops", "an encrypted file has a key twice in one map")
    seen.add(key)
  }
  return { kind: "map", entries }
}

/** The member of a map; absent for other nodes. */
export function memberOf(node: SopsNode | undefined, key: string): SopsNode | undefined {
  if (node?.kind !== "map") return undefined
  return node.entries.find((entry) => entry.key === key)?.value
}

/** The string at a node; absent when there is none. */
export function stringAt(node: SopsNode | undefined): string | undefined {
  if (node?.kind !== "leaf" || node.value.type === "null") return undefined
  return textOfScalar(node.value)
}

/** Nesting beyond which a document is refused. */
export const maxDepth = 100

/** Throws `LimitExceeded` beyond the greatest depth. */
export function checkNesting(depth: number): void {
  if (depth > maxDepth) throw new KustomizeError("LimitExceeded", `an encrypted file is nested deeper than ${maxDepth}`)
}

/** The additional data of a value: the keys that lead to it (not the indices of lists), each with a colon behind it. */
export const additionalDataOf = (path: readonly string[]): string => `${path.join(":")}:`
