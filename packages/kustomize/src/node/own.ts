import { fail } from "../error.ts"
import { cloneNode, cloneText, copyCollection, isList, isMap, isSharedText, setField } from "./node.ts"
import type { ListNode, MapNode, Node, OwnMap } from "./node.ts"

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
  /** True when fields of its frozen node share a text. */
  sharesTexts: boolean
}

/** The node of a resource, ours to change. */
export function ownNode(owner: Owner): OwnMap {
  const { node } = owner
  if (node === undefined) return fail("there is no object")
  const owned = own(owner.sharesTexts && Object.isFrozen(node) ? renewTexts(node) : node)
  owner.node = owned
  return owned
}

/** Puts the outcome of a change of its node in a resource. */
export function replaceNode(owner: Owner, node: MapNode): void {
  const { node: before, sharesTexts } = owner
  if (node === before) return
  owner.node = sharesTexts && Object.isFrozen(before) ? renewTexts(node) : node
}

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

/** Freezes a node and all below it. True when several of its fields share a text. */
export function freezeNode(node: Node): boolean {
  return freeze(node, new Set())
}

function freeze(node: Node, texts: Set<Node>): boolean {
  if (typeof node !== "object" || node === null) return false
  if (isSharedText(node)) {
    const again = texts.has(node)
    texts.add(node)
    Object.freeze(node)
    return again
  }
  if (Object.isFrozen(node)) return false
  let shares = false
  if (isList(node)) for (const item of node) shares = freeze(item, texts) || shares
  else if (isMap(node)) for (const name of Object.keys(node)) shares = freeze(node[name]!, texts) || shares
  Object.freeze(node)
  return shares
}
