import type { YamlTree } from "@gitops-toolkit/kube/manifest"
import { fail } from "../error.ts"
import { isList, isMap, isString, tagOf, textOf } from "../node/node.ts"
import type { Node } from "../node/node.ts"
import { indexOfPart, isListIndex, kindAfter, splitListIndex } from "../node/path.ts"
import type { CreateKind } from "../node/path.ts"
import { resolvePlain } from "../node/scalar.ts"
import type { PathSearch } from "./find.ts"
import type { Write } from "./write.ts"

interface Search extends PathSearch {
  readonly found: YamlTree[]
  readonly enterText: (text: string, path: readonly string[]) => number
}

const scalar = (value: string): YamlTree => ({
  kind: "scalar",
  tag: "",
  tagged: false,
  style: "plain",
  value,
  items: [],
})

function emptyTree(kind: CreateKind): YamlTree {
  return { ...scalar(""), kind, style: kind === "scalar" ? "plain" : "block" }
}

/** Every place in a tree that a replacement's path leads to; as `findPlaces`. */
export function findInTree(root: YamlTree, search: PathSearch, enterText: Search["enterText"]): YamlTree[] {
  const found: YamlTree[] = []
  find(root, { ...search, found, enterText }, 0)
  return found
}

function find(node: YamlTree, search: Search, depth: number): void {
  const part = search.path[depth]
  if (part === undefined) {
    search.found.push(node)
    return
  }
  const index = indexOfPart(part)
  if (index !== undefined && index >= 0) findIndex(node, { search, depth, index })
  else if (isListIndex(part)) findElements(node, part, { search, depth })
  else if (part === "*") for (const item of itemsOf(node)) find(item, search, depth + 1)
  else findField(node, part, { search, depth })
}

interface Step {
  readonly search: Search
  readonly depth: number
}

const nextKind = ({ search, depth }: Step): CreateKind | undefined =>
  search.create && kindAfter(search.path[depth + 1], search.create)

const isNull = (node: YamlTree): boolean => node.kind === "scalar" && node.tag === "!!null"

function itemsOf(node: YamlTree): YamlTree[] {
  if (isNull(node)) return []
  return node.kind === "list" ? node.items : fail("wrong node kind: expected SequenceNode")
}

function findIndex(node: YamlTree, { search, depth, index }: Step & { readonly index: number }): void {
  const items = itemsOf(node)
  const kind = nextKind({ search, depth })
  if (index === items.length && kind !== undefined) items.push(emptyTree(kind))
  const item = items[index]
  if (item === undefined) fail(`index ${index} specified but only ${items.length} elements found`)
  find(item, search, depth + 1)
}

function findElements(node: YamlTree, part: string, { search, depth }: Step): void {
  const [name, value] = splitListIndex(part)
  const matches = search.matchers.get(value) ?? ((text: string): boolean => text.includes(value))
  const before = search.found.length
  const visit = (): void => {
    for (const item of itemsOf(node)) {
      const field = name === "" ? item : fieldOf(item, name)
      if (field === undefined || field.kind !== "scalar" || !matches(field.value.trim())) continue
      if (name === "") search.found.push(item)
      else find(item, search, depth + 1)
    }
  }
  visit()
  if (search.found.length > before || search.create === undefined || node.kind !== "list") return
  node.items.push(name === "" ? scalar(value) : { ...emptyTree("map"), items: [scalar(name), scalar(value)] })
  visit()
}

function fieldOf(node: YamlTree, name: string): YamlTree | undefined {
  if (node.kind !== "map") return undefined
  for (let i = 0; i < node.items.length; i += 2) if (node.items[i]!.value === name) return node.items[i + 1]
  return undefined
}

function findField(node: YamlTree, name: string, step: Step): void {
  const kind = nextKind(step)
  if (node.kind !== "map" && !isNull(node)) fail(`wrong node kind: expected MappingNode but got ${node.kind}`)
  let field = fieldOf(node, name)
  if (field === undefined) {
    if (kind === undefined) return
    field = emptyTree(kind)
    node.items.push(scalar(name), field)
  }
  const { search, depth } = step
  const rest = search.path.slice(depth + 1)
  if (field.kind !== "scalar" || rest.length === 0) return find(field, search, depth + 1)
  for (let count = search.enterText(field.value, rest); count > 0; count--) search.found.push(scalar(""))
}

/** Writes a value at a place: over a scalar its text, else the whole. */
export function setInTree(place: YamlTree, { value, part }: Write): void {
  const text = part?.(place.kind === "scalar" ? place.value : undefined)
  if (place.kind === "scalar") {
    place.value = text ?? (isMap(value.node) || isList(value.node) ? "" : textOf(value.node))
    return
  }
  const tree = value.untyped ? scalar(textOf(value.node)) : treeOf(value.node)
  const style = place.style === "flow" && tree.kind !== "scalar" ? "flow" : tree.style
  Object.assign(place, { kind: tree.kind, tag: tree.tag, style, value: tree.value, items: tree.items })
}

/** The tree of a node, written in block style. */
function treeOf(node: Node): YamlTree {
  if (isList(node)) return { ...emptyTree("list"), tag: "!!seq", items: node.map(treeOf) }
  if (isMap(node)) {
    const items = Object.keys(node).flatMap((name) => [treeOf(name), treeOf(node[name]!)])
    return { ...emptyTree("map"), tag: "!!map", items }
  }
  const text = textOf(node)
  const style = isString(node) && resolvePlain(text).tag !== "!!str" ? "double" : "plain"
  return { ...scalar(text), tag: tagOf(node), style }
}
