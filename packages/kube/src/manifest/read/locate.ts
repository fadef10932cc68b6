import type { Node, Pair, Scalar, YAMLMap, YAMLSeq } from "yaml"
import type { YamlPath, YamlPosition } from "../options.ts"
import { compose } from "./compose.ts"
import type { Source } from "./fault.ts"

/** A node's place and, for a scalar, its text before any type is resolved. */
export interface Located {
  readonly position: YamlPosition
  readonly text: string | undefined
}

interface Composed {
  readonly root: Node | undefined
  /** Where every line of the text begins. */
  readonly lines: readonly number[]
}

const composed: WeakMap<Source, Composed> = new WeakMap()

/** Finds the node at `path`. The document is read once more, by the library, at the first call. */
export function locate(source: Source, path: YamlPath): Located | undefined {
  let tree = composed.get(source)
  if (tree === undefined) {
    tree = { root: compose(source), lines: linesOf(source.chunk.text) }
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
  return { position: positionIn(tree.lines, place.range?.[0] ?? 0, source.chunk.line), text }
}

function linesOf(text: string): number[] {
  const lines = [0]
  for (let index = text.indexOf("\n"); index >= 0; index = text.indexOf("\n", index + 1)) lines.push(index + 1)
  return lines
}

/** Line and column of an offset, found by halving: whoever asks for one place asks for many. */
function positionIn(lines: readonly number[], offset: number, firstLine: number): YamlPosition {
  let [low, high] = [0, lines.length]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (lines[middle]! <= offset) low = middle
    else high = middle
  }
  return { line: firstLine + low, column: offset - lines[low]! + 1 }
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
    const isEntry = typeof item === "object" && item !== null && "key" in item
    return item === undefined || isEntry ? undefined : { node: item as Node | null, key: undefined }
  }
  const pair = (items as Pair<Node, Node | null>[]).findLast(
    ({ key }) => String((key as Scalar | null)?.value) === step,
  )
  return pair && { node: pair.value, key: pair.key }
}
