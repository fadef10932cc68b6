import type { Alias, Node, Pair, Scalar, YAMLMap, YAMLSeq } from "yaml"
import { ManifestError } from "../error.ts"
import type { YamlOptions } from "../options.ts"
import { compose } from "../read/compose.ts"
import type { Source } from "../read/fault.ts"
import { loadYaml } from "../read/library.ts"
import { resolvePlain } from "../read/resolve.ts"
import { splitDocuments } from "../read/split.ts"
import type { YamlStyle, YamlTree } from "./node.ts"

interface Reading {
  readonly yaml: ReturnType<typeof loadYaml>
  readonly source: Source
  depth: number
}

const maxDepth = 100

/**
 * Reads the first document of a text as a tree of nodes; `undefined` when it is empty. Throws `ManifestError`.
 *
 * @example
 * const tree = readYamlTree("# kept\na: 1\n")   // a map with one key and one value
 */
export function readYamlTree(text: string, options: YamlOptions = {}): YamlTree | undefined {
  const [chunk] = splitDocuments(text, options).filter((candidate) => /^[ \t]*[^ \t\n#]/m.test(candidate.text))
  if (chunk === undefined) return undefined
  const source: Source = { chunk, options: { ...options, profile: "kustomize" } }
  const root = compose(source)
  if (root === undefined) return undefined
  const tree = readNode(root, { yaml: loadYaml(), source, depth: 0 })
  // Comments that an empty line sets off from the first key are the document's.
  const head = /^(?:[ \t]*\n)*((?:[ \t]*#[^\n]*\n)+)(?:[ \t]*\n)+/.exec(chunk.text)?.[1]
  if (head !== undefined) tree.head = trimLines(head)
  return tree
}

const trimLines = (text: string): string => text.trim().replace(/\n[ \t]+/g, "\n")

function readNode(node: Node | null, reading: Reading): YamlTree {
  const { isAlias, isMap, isScalar } = reading.yaml
  if (node === null) return scalarTree("plain", "", "!!null")
  if (isAlias(node)) return withComments(aliasTree(node), node, reading)
  if (isScalar(node)) return withComments(readScalar(node as Scalar<string>, reading), node, reading)
  if (++reading.depth > maxDepth) throw new ManifestError("LimitExceeded", `more than ${maxDepth} levels of nesting`)
  const tree = isMap(node) ? readMap(node as YAMLMap<Node, Node | null>, reading) : readList(node as YAMLSeq, reading)
  reading.depth--
  return withComments(tree, node, reading)
}

const scalarTree = (style: YamlStyle, value: string, tag: string): YamlTree => ({
  kind: "scalar",
  tag,
  tagged: false,
  style,
  value,
  items: [],
})

const aliasTree = (node: Alias): YamlTree => ({ ...scalarTree("plain", node.source, ""), kind: "alias" })

const styles: { readonly [type: string]: YamlStyle } = {
  PLAIN: "plain",
  QUOTE_SINGLE: "single",
  QUOTE_DOUBLE: "double",
  BLOCK_LITERAL: "literal",
  BLOCK_FOLDED: "folded",
}

function readScalar(node: Scalar<string>, reading: Reading): YamlTree {
  const style = styles[node.type ?? "PLAIN"] ?? "plain"
  const value = String(node.value ?? "")
  if (style === "double" && /\\\//.test(rawOf(node, reading))) {
    throw new ManifestError("InvalidYaml", "found unknown escape character")
  }
  const tree = scalarTree(style, value, style === "plain" ? tagOfPlain(value) : "!!str")
  return named(tree, node)
}

const rawOf = (node: Node, { source }: Reading): string => {
  const [start = 0, end = 0] = node.range ?? []
  return source.chunk.text.slice(start, end).replaceAll("\\\\", "")
}

/** The tag that a plain scalar without one has. */
export function tagOfPlain(text: string): string {
  const value = resolvePlain(text, "kustomize")
  if (value === null) return "!!null"
  if (typeof value === "boolean") return "!!bool"
  if (typeof value === "bigint") return "!!int"
  if (typeof value === "number")
    return Number.isInteger(value) && !/[.eE]|^[-+]?\d{20,}/.test(digitsOf(text)) ? "!!int" : "!!float"
  if (text === "<<") return "!!merge"
  return value === text ? "!!str" : "!!timestamp"
}

const digitsOf = (text: string): string => (/^[-+]?0[xX]/.test(text) ? "" : text)

function named(tree: YamlTree, node: Scalar | YAMLMap | YAMLSeq): YamlTree {
  if (node.anchor !== undefined) tree.anchor = node.anchor
  if (node.tag !== undefined) {
    tree.tag = node.tag.replace("tag:yaml.org,2002:", "!!")
    tree.tagged = true
  }
  return tree
}

function collection(kind: "map" | "list", node: YAMLMap | YAMLSeq, items: YamlTree[]): YamlTree {
  const style = node.flow === true ? "flow" : "block"
  return named({ kind, tag: kind === "map" ? "!!map" : "!!seq", tagged: false, style, value: "", items }, node)
}

function readMap(node: YAMLMap<Node, Node | null>, reading: Reading): YamlTree {
  const items: YamlTree[] = []
  for (const { key, value } of node.items as Pair<Node, Node | null>[]) {
    const keyTree = readNode(key, reading)
    if (keyTree.tag === "!!merge") keyTree.tagged = true
    const valueTree = readNode(value, reading)
    // A comment behind `key:` is read as one before its collection.
    if (valueTree.head !== undefined && valueTree.items.length > 0 && valueTree.style === "block") {
      keyTree.line = valueTree.head
      delete valueTree.head
    }
    items.push(keyTree, valueTree)
  }
  return collection("map", node, items)
}

function readList(node: YAMLSeq, reading: Reading): YamlTree {
  return collection(
    "list",
    node,
    (node.items as (Node | null)[]).map((item) => readNode(item, reading)),
  )
}

const commentLines = (text: string): string =>
  text
    .split("\n")
    .map((line) => (line.trim() === "" ? "" : `#${line}`))
    .join("\n")

function withComments(tree: YamlTree, node: Node, { source }: Reading): YamlTree {
  if (node.commentBefore) tree.head = commentLines(node.commentBefore)
  if (!node.comment) return tree
  const behind = /^[ \t]*#/.test(source.chunk.text.slice(node.range?.[1] ?? 0))
  if (tree.style === "block" || !behind) tree.foot = commentLines(node.comment)
  else tree.line = commentLines(node.comment)
  return tree
}
