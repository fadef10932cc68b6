import type { Node, Pair, Scalar, YAMLMap, YAMLSeq } from "yaml"
import type { YamlPath, YamlPosition } from "../options.ts"
import { compose } from "./compose.ts"
import { positionAt, type Source } from "./fault.ts"

/** A node's place and, for a scalar, its text before any type is resolved. */
export interface Located {
  readonly position: YamlPosition
  readonly text: string | undefined
}

const composed: WeakMap<Source, { readonly root: Node | undefined }> = new WeakMap()

/** Finds the node at `path`. The document is read once more, by the library, at the first call. */
export function locate(source: Source, path: YamlPath): Located | undefined {
  let tree = composed.get(source)
  if (tree === undefined) {
    tree = { root: compose(source) }
    composed.set(source, tree)
  }
  let node: Node | null | undefined = tree.root
  let key: Node | undefined
  for (const step of path) {
    const entry: Entry | undefined = entryOf(node, step)
    if (entry === undefined) return undefined
    ;({ node, key } = entry)
  }
  const place = key ?? node
  if (place === undefined || place === null) return undefined
  const scalar = node as Scalar | null | undefined
  const text = scalar && "value" in scalar ? String(scalar.value ?? "") : undefined
  return { position: positionAt(source, place.range?.[0] ?? 0), text }
}

interface Entry {
  readonly node: Node | null
  readonly key: Node | undefined
}

function entryOf(node: Node | null | undefined, step: string | number): Entry | undefined {
  const items = (node as YAMLMap | YAMLSeq | null | undefined)?.items as readonly unknown[] | undefined
  if (items === undefined) return undefined
  if (typeof step === "number") {
    const item = items[step]
    return item === undefined ? undefined : { node: item as Node | null, key: undefined }
  }
  const pair = (items as Pair<Node, Node | null>[]).findLast(
    ({ key }) => String((key as Scalar | null)?.value) === step,
  )
  return pair && { node: pair.value, key: pair.key }
}
