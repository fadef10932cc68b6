import { fail } from "../error.ts"
import {
  fieldOf,
  isFlow,
  isList,
  isMap,
  isMissingOrNull,
  isScalar,
  setField,
  textOf,
  writeField,
} from "../node/node.ts"
import type { Node } from "../node/node.ts"
import { indexOfPart, isListIndex, kindAfter, splitListIndex } from "../node/path.ts"
import type { CreateKind, Place } from "../node/path.ts"
import type { ElementMatchers } from "./patterns.ts"

/** A path of a replacement, and what is made where it is missing. */
export interface PathSearch {
  readonly path: readonly string[]
  readonly create: CreateKind | undefined
  readonly matchers: ElementMatchers
}

interface Search extends PathSearch {
  readonly found: Place[]
  /** Goes on in what a text holds; returns how many places there are. */
  readonly enterText: (text: string, path: readonly string[]) => number
}

const emptyNodes: { readonly [kind in CreateKind]: () => Node } = { scalar: () => "", map: () => ({}), list: () => [] }

/**
 * Every place that a replacement's path leads to: fields, numbers, `[name=value]` (all elements with that value) and
 * `*` (all elements). With `create`, fields and list elements that are missing are made. Where it leads on into a
 * text, `enterText` decides.
 */
export function findPlaces(root: Node, search: PathSearch, enterText: Search["enterText"]): Place[] {
  const found: Place[] = []
  find({ node: root, set: () => fail("cannot replace the root") }, { ...search, found, enterText }, 0)
  return found
}

interface Step {
  readonly search: Search
  readonly depth: number
}

function find(place: Place, search: Search, depth: number): void {
  const part = search.path[depth]
  if (part === undefined) {
    search.found.push(place)
    return
  }
  const { node } = place
  const index = indexOfPart(part)
  if (index !== undefined && index >= 0) findIndex(node, index, { search, depth })
  else if (isListIndex(part)) findElements(node, part, { search, depth })
  else if (part === "*") eachElement(node, (element) => find(element, search, depth + 1))
  else findField(node, part, { search, depth })
}

const nextKind = ({ search, depth }: Step): CreateKind | undefined =>
  search.create && kindAfter(search.path[depth + 1], search.create)

const elementPlace = (list: Node[], index: number): Place => ({
  node: list[index]!,
  set: (value) => void (list[index] = value),
})

function eachElement(node: Node, visit: (place: Place) => void): void {
  if (isMissingOrNull(node)) return
  if (!isList(node))
    fail(`wrong node kind: expected SequenceNode but got ${isMap(node) ? "MappingNode" : "ScalarNode"}`)
  for (let i = 0; i < node.length; i++) visit(elementPlace(node, i))
}

function findIndex(node: Node, index: number, { search, depth }: Step): void {
  if (!isMissingOrNull(node) && !isList(node)) fail("wrong node kind: expected SequenceNode")
  const list = isList(node) ? node : []
  const kind = nextKind({ search, depth })
  if (list.length === index && kind !== undefined && isList(node)) {
    list.push(emptyNodes[kind]())
    return find({ ...elementPlace(list, index), isNew: isFlow(list) ? "flow" : "block" }, search, depth + 1)
  }
  if (index >= list.length) fail(`index ${index} specified but only ${list.length} elements found`)
  find(elementPlace(list, index), search, depth + 1)
}

function findElements(node: Node, part: string, { search, depth }: Step): void {
  const [name, value] = splitListIndex(part)
  const matches = search.matchers.get(value) ?? ((text: string): boolean => text.includes(value))
  const before = search.found.length
  const visit = (): void => {
    eachElement(node, (place) => {
      const field = name === "" ? place.node : fieldOf(place.node, name)
      if (field === undefined || !isScalar(field) || !matches(textOf(field).trim())) return
      if (name === "") search.found.push(place)
      else find(place, search, depth + 1)
    })
  }
  visit()
  if (search.found.length > before || search.create === undefined || !isList(node)) return
  node.push(name === "" ? value : { [name]: value })
  visit()
}

const nowhere: Place = { node: "", set: () => undefined }

function findField(node: Node, name: string, { search, depth }: Step): void {
  if (isMissingOrNull(node)) return
  if (!isMap(node))
    fail(`wrong node kind: expected MappingNode but got ${isList(node) ? "SequenceNode" : "ScalarNode"}`)
  let field = fieldOf(node, name)
  const isNew = field === undefined
  if (field === undefined) {
    const kind = nextKind({ search, depth })
    if (kind === undefined) return
    field = emptyNodes[kind]()
    setField(node, name, field)
  }
  const rest = search.path.slice(depth + 1)
  if (isScalar(field) && rest.length > 0) {
    for (let count = search.enterText(textOf(field), rest); count > 0; count--) search.found.push(nowhere)
    return
  }
  find(
    {
      node: field,
      set: (value) => writeField(node, name, value),
      ...(isNew ? { isNew: isFlow(node) ? "flow" : "block" } : {}),
    },
    search,
    depth + 1,
  )
}
