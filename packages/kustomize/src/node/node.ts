// The nodes of a resource while it is built. kustomize works on YAML nodes, that is on texts with a tag; nearly always the
// plain value says the same, so a node is the plain value unless its text would be lost (`0x10`, `1.0`, `~`, a date).
// Those few are `ScalarNode`s until the build is done.

// The prototype tells them from maps: asking for it is several times faster than asking for a field.
const scalarPrototype: object = Object.freeze({})

/** The text of a `ScalarNode`, as written. Its fields have no names that a map's could have. */
const textField: unique symbol = Symbol("text")
const tagField: unique symbol = Symbol("tag")
const sharedField: unique symbol = Symbol("shared")
const foldedField: unique symbol = Symbol("folded")

/** A scalar whose text differs from what its value prints as. Only `keepText` and `shareText` make them. */
export interface ScalarNode {
  readonly [textField]: string
  readonly [tagField]: string
}

/** A scalar that keeps its text. */
export function keepText(text: string, tag: string): Node {
  return { __proto__: scalarPrototype, [textField]: text, [tagField]: tag } as ScalarNode
}

/** The text of a folded block: how it is written changes it (`refold`), once all else is done. */
export function keepFolded(text: string): Node {
  return { __proto__: scalarPrototype, [textField]: text, [tagField]: "!!str", [foldedField]: true } as ScalarNode
}

/** True for the text of a folded block; what is written over it stands in such a block, too. */
export function isFolded(node: Node | undefined): boolean {
  return isScalarNode(node) && foldedField in node
}

declare const mayBeShared: unique symbol

/**
 * A map; its keys are own properties. It may be part of what a builder remembers, so it is not to be changed: `own` of
 * `own.ts` gives one that may be. What is shared is frozen, so a forgotten `own` throws and corrupts nothing.
 */
export interface MapNode {
  readonly [field: string]: Node
  readonly [mayBeShared]?: true
}

/** A list, under the same rule. */
export type ListNode = readonly Node[]

/** A map that is ours to change. Maps below it may be shared all the same. */
export interface OwnMap {
  [field: string]: Node
  readonly [mayBeShared]?: never
}

/** Any node of a resource. */
export type Node = string | number | bigint | boolean | null | ScalarNode | MapNode | ListNode

/** A text that several fields share, as kustomize's labels do: what writes over it in one field does so in all. */
export interface SharedText {
  [textField]: string
  [tagField]: string
  readonly [sharedField]: true
}

/** A text for several fields of one object. */
export function shareText(text: string, tag = "!!str"): Node & SharedText {
  return { __proto__: scalarPrototype, [textField]: text, [tagField]: tag, [sharedField]: true } as SharedText
}

/** True for a text that fields share. */
export function isSharedText(node: Node | undefined): node is Node & SharedText {
  return isScalarNode(node) && sharedField in node
}

/**
 * Sets a field of a map; a text that it shares with other fields changes in them too. A frozen one has no other field:
 * who takes a resource for his own gets new texts for those that have (`ownNode`).
 */
export function writeField(map: OwnMap, name: string, value: Node): void {
  const before = fieldOf(map, name)
  if (before === value || !isSharedText(before) || !isScalar(value)) return setField(map, name, value)
  if (Object.isFrozen(before)) return setField(map, name, shareText(textOf(value), tagOf(value)))
  before[tagField] = tagOf(value)
  before[textField] = textOf(value)
}

/** How a map or list was written. */
interface Style {
  /** In brackets. */
  flow: boolean
  /** The fields whose texts stand in quotes or in a block that they do not need. */
  readonly quoted: string[]
}

const styles = new WeakMap<object, Style>()

function styleOf(node: object): Style {
  let style = styles.get(node)
  if (style === undefined) styles.set(node, (style = { flow: false, quoted: [] }))
  return style
}

/** Notes that a map or list was written in brackets. */
export function markFlow(node: object): void {
  styleOf(node).flow = true
}

/** True for a map or list that was written in brackets: there an empty scalar needs quotes. */
export function isFlow(node: Node): boolean {
  return typeof node === "object" && node !== null && styles.get(node)?.flow === true
}

/** Notes that the text of a field stands in quotes or in a block, which nobody could tell from it. */
export function markQuoted(map: object, name: string): void {
  styleOf(map).quoted.push(name)
}

/** True for a field whose text stands in quotes or in a block that it does not need: what is written over it is a text, too. */
export function isQuoted(map: MapNode, name: string): boolean {
  return styles.get(map)?.quoted.includes(name) === true
}

/** `markQuoted` for a map that shares its notes with copies. */
export function keepQuoted(map: MapNode, name: string): void {
  const { flow, quoted } = styleOf(map)
  if (!quoted.includes(name)) styles.set(map, { flow, quoted: [...quoted, name] })
}

/** An entry of a map whose key the map has already. */
export interface RepeatedEntry {
  readonly line: number
  readonly name: string
  readonly value: Node
}

const repeatedEntries: unique symbol = Symbol("repeated")

/** The entries of a map whose keys it has already; kustomize refuses them when it prints the map, if it gets so far. */
export function repeatedIn(map: object): readonly RepeatedEntry[] | undefined {
  return (map as { readonly [repeatedEntries]?: readonly RepeatedEntry[] })[repeatedEntries]
}

/** Notes the entries of a map whose keys it has already. */
export function noteRepeated(map: object, entries: readonly RepeatedEntry[]): void {
  const value = entries.length === 0 ? undefined : entries
  Object.defineProperty(map, repeatedEntries, { value, configurable: true })
}

/** Gives a copy the notes of its original: how it was written, and a key that stands twice. */
export function copyNotes(from: object, to: object): void {
  const style = styles.get(from)
  if (style !== undefined) styles.set(to, style)
  const repeated = repeatedIn(from)
  if (repeated !== undefined) noteRepeated(to, repeated)
}

/** True for a scalar that keeps its text. */
export function isScalarNode(node: Node | undefined): node is ScalarNode {
  return typeof node === "object" && node !== null && Object.getPrototypeOf(node) === scalarPrototype
}

/** True for a list. */
export function isList(node: Node | undefined): node is ListNode {
  return Array.isArray(node)
}

/** True for a map. */
export function isMap(node: Node | undefined): node is MapNode {
  return typeof node === "object" && node !== null && !Array.isArray(node) && !isScalarNode(node)
}

/** True for a scalar of any type, null included. */
export function isScalar(node: Node | undefined): node is Exclude<Node, MapNode | ListNode> {
  return node !== undefined && (typeof node !== "object" || node === null || isScalarNode(node))
}

/** True for null in any spelling. */
export function isNull(node: Node | undefined): boolean {
  return node === null || (isScalarNode(node) && node[tagField] === "!!null")
}

/** True for what is absent or null. */
export function isMissingOrNull(node: Node | undefined): node is undefined | null {
  return node === undefined || isNull(node)
}

/** True for what is absent, null, `{}` or `[]`. */
export function isEmpty(node: Node | undefined): boolean {
  if (isMissingOrNull(node)) return true
  if (Array.isArray(node)) return node.length === 0
  return isMap(node) && hasNoField(node)
}

function hasNoField(map: MapNode): boolean {
  for (const name in map) if (Object.hasOwn(map, name)) return false
  return true
}

/** The YAML tag of a node. */
export function tagOf(node: Node): string {
  switch (typeof node) {
    case "string":
      return "!!str"
    case "number":
      return Number.isInteger(node) ? "!!int" : "!!float"
    case "bigint":
      return "!!int"
    case "boolean":
      return "!!bool"
    default:
      if (node === null) return "!!null"
      if (Array.isArray(node)) return "!!seq"
      return isScalarNode(node) ? node[tagField] : "!!map"
  }
}

/** The text of a scalar as YAML has it; empty for a map or a list. */
export function textOf(node: Node | undefined): string {
  if (typeof node === "string") return node
  if (node === undefined) return ""
  if (node === null) return "null"
  if (typeof node === "object") return isScalarNode(node) ? node[textField] : ""
  return String(node)
}

/** `textOf`, but empty for null. */
export function valueOf(node: Node | undefined): string {
  return isMissingOrNull(node) ? "" : textOf(node)
}

/** True for a string. */
export function isString(node: Node | undefined): node is string {
  return typeof node === "string"
}

/** The field of a map; absent for anything else. Only own fields count, so `constructor` is a name like any other. */
export function fieldOf(node: Node | undefined, name: string): Node | undefined {
  if (typeof node !== "object" || node === null || Array.isArray(node)) return undefined
  const value = (node as MapNode)[name]
  // All that is inherited are functions and `__proto__`.
  const isOwn = (typeof value !== "function" && name !== "__proto__") || Object.hasOwn(node, name)
  return isOwn ? value : undefined
}

/** Sets a field of a map, also one called `__proto__`. */
export function setField(map: OwnMap, name: string, value: Node): void {
  if (name === "__proto__") {
    Object.defineProperty(map, name, { value, enumerable: true, configurable: true, writable: true })
  } else map[name] = value
}

/** A copy of a map or list; what it holds is the same. */
export function copyCollection(node: MapNode | ListNode): OwnMap | Node[] {
  // The fields of a map are defined, not set: one called `__proto__` too.
  const copy = isList(node) ? [...node] : { ...(node as OwnMap) }
  copyNotes(node, copy)
  return copy
}

/** A copy that shares nothing that can change. */
export function cloneNode<N extends Node | undefined>(node: N): N
export function cloneNode(node: Node | undefined): Node | undefined {
  return typeof node === "object" && node !== null ? clone(node, new Map()) : node
}

/** `texts` has the copies of shared texts: what is shared in a node is shared in its copy. */
function clone(node: Node, texts: Map<Node, Node>): Node {
  if (typeof node !== "object" || node === null) return node
  if (isList(node)) {
    const copy = node.map((element) => clone(element, texts))
    copyNotes(node, copy)
    return copy
  }
  if (!isMap(node)) return isSharedText(node) ? cloneText(node, texts) : node
  const copy = copyCollection(node) as OwnMap
  for (const name of Object.keys(copy)) {
    const value = copy[name]!
    if (typeof value === "object" && value !== null) setField(copy, name, clone(value, texts))
  }
  return copy
}

/** A copy of a shared text, the same for the same one. */
export function cloneText(text: SharedText, texts: Map<Node, Node>): Node {
  const copy = texts.get(text as Node) ?? shareText(text[textField], text[tagField])
  texts.set(text as Node, copy)
  return copy
}

/** The kind of a node in go-yaml's words, for messages. */
export function kindOf(node: Node): string {
  if (Array.isArray(node)) return "SequenceNode"
  return isScalar(node) ? "ScalarNode" : "MappingNode"
}
