import { fail } from "../error.ts"
import {
  cloneNode,
  cloneText,
  copyCollection,
  copyNotes,
  isList,
  isMap,
  isScalarNode,
  isSharedText,
  repeatedIn,
  setField,
} from "./node.ts"
import type { ListNode, MapNode, Node, OwnMap, ScalarNode } from "./node.ts"

// Who may change a node. What a builder remembers is frozen and shared by all builds that use it. Whoever changes a map
// or list asks `own` for it first: a frozen one is copied (it alone, not what it holds), any other is taken as it is.
// Below what is frozen everything is frozen.

/** The node itself if it may be changed, else a copy of it that may. */
export function own(node: MapNode): OwnMap
export function own(node: ListNode): Node[]
export function own(node: MapNode | ListNode): OwnMap | Node[] {
  return Object.isFrozen(node) ? copyCollection(node) : (node as OwnMap | Node[])
}

/** What has a node of its own: a resource. */
export interface Owner {
  node: MapNode | undefined
  /** Whether what is frozen of it holds scalars that keep their text, or even some that several fields share. */
  frozenTexts: FrozenTexts
}

/** What is known of the texts in the frozen part of a node. */
export type FrozenTexts = "none" | "some" | "shared"

/** The node of a resource, ours to change. */
export function ownNode(owner: Owner): OwnMap {
  const { node } = owner
  if (node === undefined) return fail("there is no object")
  const owned = own(sharesTexts(owner) ? renewTexts(node) : node)
  owner.node = owned
  return owned
}

/** Puts the outcome of a change of its node in a resource. */
export function replaceNode(owner: Owner, node: MapNode): void {
  if (node !== owner.node) owner.node = sharesTexts(owner) ? renewTexts(node) : node
}

/** True for a frozen node of which several fields share a text. */
export const sharesTexts = ({ node, frozenTexts }: Owner): boolean => frozenTexts === "shared" && Object.isFrozen(node)

/** The list or map with another value in place of one of its own; nothing is copied where nothing changes. */
export function withElement(list: ListNode, index: number, value: Node): ListNode {
  if (list[index] === value) return list
  const owned = own(list)
  owned[index] = value
  return owned
}

/** As `withElement`, for a field of a map. */
export function withField(map: MapNode, name: string, value: Node): MapNode {
  if (Object.hasOwn(map, name) && map[name] === value) return map
  const owned = own(map)
  setField(owned, name, value)
  return owned
}

/** A copy of a map without one of its fields: to delete it would make the map slow ever after. */
export function withoutField(map: MapNode, name: string): OwnMap {
  const copy: OwnMap = {}
  for (const other of Object.keys(map)) if (other !== name) setField(copy, other, map[other]!)
  copyNotes(map, copy)
  return copy
}

/** The node with everything below it ours to change; only what is shared is copied. */
export function ownAll<N extends Node>(node: N): N
export function ownAll(node: Node): Node {
  if (typeof node !== "object" || node === null) return node
  if (Object.isFrozen(node)) return cloneNode(node)
  if (isList(node)) return node.reduce<ListNode>((list, item, i) => withElement(list, i, ownAll(item)), node)
  if (!isMap(node)) return node
  return Object.keys(node).reduce<MapNode>((map, name) => withField(map, name, ownAll(node[name]!)), node)
}

/**
 * The node with new copies of its shared texts and of the maps and lists on the way to them: what shares a text with
 * another field goes on doing so, and with nobody else.
 */
export function renewTexts(node: MapNode): MapNode {
  return renew(node, new Map()) as MapNode
}

function renew(node: Node, texts: Map<Node, Node>): Node {
  if (typeof node !== "object" || node === null) return node
  if (isSharedText(node)) return Object.isFrozen(node) ? cloneText(node, texts) : node
  if (isList(node)) return node.reduce<ListNode>((list, item, i) => withElement(list, i, renew(item, texts)), node)
  if (!isMap(node)) return node
  return Object.keys(node).reduce<MapNode>((map, name) => withField(map, name, renew(node[name]!, texts)), node)
}

/** Freezes the node of a resource and all below it: others may share it now. */
export function freezeNode(owner: Owner): void {
  const { node, frozenTexts } = owner
  if (node === undefined || Object.isFrozen(node)) return
  const freezing: Freezing = { texts: new Set(), found: frozenTexts === "none" ? "none" : "some" }
  freeze(node, freezing)
  owner.frozenTexts = freezing.found
}

interface Freezing {
  readonly texts: Set<Node>
  found: FrozenTexts
}

function freeze(node: Node, freezing: Freezing): void {
  if (typeof node !== "object" || node === null) return
  if (isScalarNode(node)) return freezeText(node, freezing)
  if (Object.isFrozen(node)) return
  if (isList(node)) for (const item of node) freeze(item, freezing)
  else for (const name of Object.keys(node)) freeze((node as MapNode)[name]!, freezing)
  if (repeatedIn(node) !== undefined && freezing.found === "none") freezing.found = "some"
  Object.freeze(node)
}

function freezeText(node: ScalarNode, freezing: Freezing): void {
  const { texts } = freezing
  if (isSharedText(node) && texts.has(node)) freezing.found = "shared"
  else if (freezing.found === "none") freezing.found = "some"
  texts.add(node)
  Object.freeze(node)
}
