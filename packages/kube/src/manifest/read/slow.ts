import type { Alias, Node, Pair, Scalar as ScalarNode, YAMLMap, YAMLSeq } from "yaml"
import { setOwn } from "../../json.ts"
import { decodeBlockText } from "./block.ts"
import { compose } from "./compose.ts"
import { decodeDouble } from "./quoted.ts"
import { fault, positionAt, type Source } from "./fault.ts"
import { loadYaml } from "./library.ts"
import { printNumberKey } from "./number-key.ts"
import { resolvePlain, type Scalar } from "./resolve.ts"
import { resolveTagged } from "./tagged.ts"

/** What is known while a document is turned into values. */
interface Reading {
  readonly yaml: ReturnType<typeof loadYaml>
  readonly source: Source
  readonly anchors: Map<string, Node>
  /** Anchors whose node is being read: an alias to one would contain itself. */
  readonly open: Set<Node>
  readonly maxDepth: number
  aliasBudget: number
  /** How many aliases enclose the node being read. */
  inside: number
  depth: number
}

type JsonMap = { [key: string]: unknown }

const defaultDepth = 100
const defaultAliasNodes = 100_000

/** Reads one document with the library: everything that YAML has, and every error. `undefined` when it is empty. */
export function readSlowly(source: Source): unknown {
  const root = compose(source)
  if (root === undefined) return undefined
  const { depth = defaultDepth, aliasNodes = defaultAliasNodes } = source.options.limits ?? {}
  return readNode(root, {
    yaml: loadYaml(),
    source,
    anchors: new Map(),
    open: new Set(),
    maxDepth: depth,
    aliasBudget: aliasNodes,
    inside: 0,
    depth: 0,
  })
}

function readNode(node: Node | null, reading: Reading): unknown {
  if (node === null) return reading.source.options.scalar?.("", null) ?? null
  if (reading.inside > 0 && --reading.aliasBudget < 0) {
    throw faultAt(reading, "LimitExceeded", { message: "aliases stand for too many nodes", node })
  }
  const { isAlias, isMap, isScalar } = reading.yaml
  if (isAlias(node)) return readAlias(node, reading)
  const anchor = (node as ScalarNode).anchor
  if (anchor !== undefined) reading.anchors.set(anchor, node)
  if (isScalar(node)) return readScalar(node as ScalarNode<string>, reading)
  if (++reading.depth > reading.maxDepth) {
    throw faultAt(reading, "LimitExceeded", { message: `more than ${reading.maxDepth} levels of nesting`, node })
  }
  reading.open.add(node)
  const value = isMap(node) ? readMap(node as YAMLMap<Node, Node | null>, reading) : readList(node as YAMLSeq, reading)
  if ((node as YAMLSeq).flow === true) reading.source.options.flow?.(value)
  reading.open.delete(node)
  reading.depth--
  return value
}

interface NodeFault {
  readonly message: string
  readonly node: Node
}

function faultAt({ source }: Reading, code: Parameters<typeof fault>[1], { message, node }: NodeFault): Error {
  return fault(source, code, { message, offset: node.range?.[0] ?? 0 })
}

function readAlias(alias: Alias, reading: Reading): unknown {
  const target = reading.anchors.get(alias.source)
  if (target === undefined)
    throw faultAt(reading, "InvalidYaml", { message: "an unknown anchor is referenced", node: alias })
  if (reading.open.has(target)) {
    throw faultAt(reading, "InvalidYaml", { message: "an anchor's value contains itself", node: alias })
  }
  reading.inside++
  const value = readNode(target, reading)
  reading.inside--
  return value
}

function readList(list: YAMLSeq, reading: Reading): unknown[] {
  return (list.items as (Node | null)[]).map((item) => readNode(item, reading))
}

function readScalar(node: ScalarNode<string>, reading: Reading): unknown {
  const { profile = "kubectl", scalar, folded } = reading.source.options
  const text = textOf(node, reading)
  // go-yaml v3 drops the tag `!`.
  if (node.tag !== undefined && (node.tag !== "!" || profile === "kubectl")) {
    const tagged = resolveTagged(node.tag, text, profile)
    if (tagged !== undefined) return finite(tagged, node, reading)
    throw faultAt(reading, "InvalidYaml", { message: "the value does not fit its tag", node })
  }
  if (node.type === "BLOCK_FOLDED" && folded !== undefined) return folded(text)
  if (node.type !== "PLAIN") return text
  if (/[\u0085\u2028\u2029]/.test(text)) {
    throw faultAt(reading, "InvalidYaml", { message: "this line break is not allowed in an unquoted text", node })
  }
  const value = finite(resolvePlain(text, profile), node, reading)
  return value === text || scalar === undefined ? value : scalar(text, value)
}

function finite(value: Scalar, node: Node, reading: Reading): Scalar {
  // Who keeps the texts of scalars finds out for himself.
  if (typeof value !== "number" || Number.isFinite(value) || reading.source.options.scalar !== undefined) return value
  throw faultAt(reading, "InvalidValue", { message: "JSON has neither infinities nor NaN", node })
}

// go-yaml refuses a tab where it looks for the indent of a block.
const tabFirst = /^[|>][-+]?(?:[ \t][^\n]*)?\n(?: *\n)* *\t/

function textOf(node: ScalarNode<string>, reading: Reading): string {
  const value = String(node.value ?? "")
  if (!node.range) return value
  const [start, end] = node.range
  const { chunk, options } = reading.source
  if (node.type === "QUOTE_DOUBLE") {
    const text = decodeDouble(chunk.text.slice(start + 1, end - 1))
    if (text === undefined) throw faultAt(reading, "InvalidYaml", { message: "an escape is unknown", node })
    return text
  }
  if (node.type !== "BLOCK_LITERAL" && node.type !== "BLOCK_FOLDED") return value
  const raw = chunk.text.slice(start, end)
  if (tabFirst.test(raw)) {
    throw faultAt(reading, "InvalidYaml", { message: "a tab cannot be used as indentation", node })
  }
  // kubectl's reader of lines ends the last one with a newline; kustomize takes the text as it is.
  return decodeBlockText(raw, options.profile !== "kustomize") ?? value
}

function readMap(map: YAMLMap<Node, Node | null>, reading: Reading): JsonMap {
  const value: JsonMap = {}
  const merges: JsonMap[] = []
  const kubectl = (reading.source.options.profile ?? "kubectl") === "kubectl"
  for (const pair of map.items as Pair<Node, Node | null>[]) {
    const { key, value: node } = pair
    if (dropsValue(pair))
      throw faultAt(reading, "InvalidYaml", { message: "a key has a value without a colon", node: key })
    if (isMergeKey(key, reading)) {
      const parts = mergeParts(readNode(node, reading), key, reading)
      // go-yaml v2 merges where it meets the key, over what came before it; v3 lets the map's own keys win.
      if (kubectl) for (const part of parts.toReversed()) assign(value, Object.entries(part))
      else merges.push(...parts)
      continue
    }
    const name = readKey(key, reading)
    const { duplicate } = reading.source.options
    if ((!kubectl || duplicate !== undefined) && Object.hasOwn(value, name)) {
      if (duplicate === undefined) {
        throw faultAt(reading, "DuplicateKey", { message: "the key is already defined", node: key })
      }
      duplicate(value, positionAt(reading.source, key.range?.[0] ?? 0), [name, readNode(node, reading)])
      continue
    }
    setOwn(value, name, node === null && /\bset$/.test(map.tag ?? "") ? "" : readNode(node, reading))
    const text = value[name]
    if (typeof text === "string" && isQuoted(node, reading)) reading.source.options.quoted?.(value, name, text)
  }
  for (const part of merges)
    assign(
      value,
      Object.entries(part).filter(([name]) => !Object.hasOwn(value, name)),
    )
  return value
}

const isQuoted = (node: Node | null, { yaml }: Reading): boolean =>
  yaml.isScalar(node) && node.type !== "PLAIN" && node.tag === undefined

/** True for `? key` with a list right below it: the library finds no fault with it, and loses the list. */
function dropsValue({ srcToken, value }: Pair<Node, Node | null>): boolean {
  const token = srcToken as
    | { readonly value?: unknown; readonly sep?: readonly { readonly type: string }[] }
    | undefined
  return value === null && token?.value !== undefined && !token.sep?.some(({ type }) => type === "map-value-ind")
}

function assign(target: JsonMap, entries: readonly (readonly [string, unknown])[]): void {
  for (const [name, item] of entries) setOwn(target, name, item)
}

function isMergeKey(key: Node | null, { yaml }: Reading): key is ScalarNode<string> {
  return yaml.isScalar(key) && key.type === "PLAIN" && key.value === "<<" && (key.tag ?? "!") === "!"
}

function mergeParts(value: unknown, key: Node, reading: Reading): JsonMap[] {
  const parts = Array.isArray(value) ? value : [value]
  for (const part of parts) {
    if (typeof part === "object" && part !== null && !Array.isArray(part)) continue
    throw faultAt(reading, "InvalidYaml", {
      message: "map merge requires a map or a list of maps as the value",
      node: key,
    })
  }
  return parts as JsonMap[]
}

function readKey(key: Node | null, reading: Reading): string {
  const value = readNode(key, reading)
  // An unquoted date is a time, and so no string either.
  const time = reading.yaml.isScalar(key) && key.type === "PLAIN" && key.tag === undefined && key.value !== value
  if (typeof value === "string" && !time) return value
  const kubectl = (reading.source.options.profile ?? "kubectl") === "kubectl"
  const node = key ?? ({ range: [0, 0, 0] } as unknown as Node)
  if (kubectl && typeof value === "boolean") return String(value)
  if (kubectl && typeof value === "number")
    return printNumberKey(value, String((key as ScalarNode | null)?.value ?? ""))
  throw faultAt(reading, "InvalidValue", { message: "a key is no string", node })
}
