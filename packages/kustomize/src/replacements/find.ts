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
import type { OwnMap } from "../node/node.ts"
import { appendTo, emptyNode, indexOfPart, isListIndex, kindAfter, placeIn, splitListIndex } from "../node/path.ts"
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

/**
 * Every place that a replacement's path leads to: fields, numbers, `[name=value]` (all elements with that value) and
 * `*` (all elements). With `create`, fields and list elements that are missing are made. Where it leads on into a
 * text, `enterText` decides.
 */
export function findPlaces(root: Place, search: PathSearch, enterText: Search["enterText"]): Place[] {
  const found: Place[] = []
  find(root, { ...search, found, enterText }, 0)
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
  const index = indexOfPart(part)
  if (index !== undefined && index >= 0) findIndex(place, index, { search, depth })
  else if (isListIndex(part)) findElements(place, part, { search, depth })
  else if (part === "*") eachElement(place, (element) => find(element, search, depth + 1))
  else findField(place, part, { search, depth })
}

const nextKind = ({ search, depth }: Step): CreateKind | undefined =>
  search.create && kindAfter(search.path[depth + 1], search.create)

/** For a place that was made just now: how its parent is written. */
const styleOf = ({ node }: Place): NonNullable<Place["isNew"]> => (isFlow(node) ? "flow" : "block")

function eachElement(place: Place, visit: (element: Place) => void): void {
  const { node } = place
  if (isMissingOrNull(node)) return
  if (!isList(node))
    fail(`wrong node kind: expected SequenceNode but got ${isMap(node) ? "MappingNode" : "ScalarNode"}`)
  for (let i = 0; i < node.length; i++) visit(placeIn(place, i))
}

function findIndex(place: Place, index: number, { search, depth }: Step): void {
  const { node } = place
  if (!isMissingOrNull(node) && !isList(node)) fail("wrong node kind: expected SequenceNode")
  const length = isList(node) ? node.length : 0
  const kind = nextKind({ search, depth })
  if (length === index && kind !== undefined && isList(node)) {
    return find(appendTo(place, emptyNode(kind), styleOf(place)), search, depth + 1)
  }
  if (index >= length) fail(`index ${index} specified but only ${length} elements found`)
  find(placeIn(place, index), search, depth + 1)
}

function findElements(place: Place, part: string, { search, depth }: Step): void {
  const [name, value] = splitListIndex(part)
  const matches = search.matchers.get(value) ?? ((text: string): boolean => text.includes(value))
  const before = search.found.length
  const visit = (): void => {
    eachElement(place, (element) => {
      const field = name === "" ? element.node : fieldOf(element.node, name)
      if (field === undefined || !isScalar(field) || !matches(textOf(field).trim())) return
      if (name === "") search.found.push(element)
      else find(element, search, depth + 1)
    })
  }
  visit()
  if (search.found.length > before || search.create === undefined || !isList(place.node)) return
  appendTo(place, name === "" ? value : { [name]: value })
  visit()
}

const nowhere: Place = { node: "", set: () => undefined, own: () => [] }

function findField(place: Place, name: string, { search, depth }: Step): void {
  const { node } = place
  if (isMissingOrNull(node)) return
  if (!isMap(node))
    fail(`wrong node kind: expected MappingNode but got ${isList(node) ? "SequenceNode" : "ScalarNode"}`)
  const isNew = fieldOf(node, name) === undefined
  if (isNew) {
    const kind = nextKind({ search, depth })
    if (kind === undefined) return
    setField(place.own() as OwnMap, name, emptyNode(kind))
  }
  const field = placeIn(place, name, { write: writeField, ...(isNew ? { isNew: styleOf(place) } : {}) })
  const rest = search.path.slice(depth + 1)
  if (isScalar(field.node) && rest.length > 0) {
    for (let count = search.enterText(textOf(field.node), rest); count > 0; count--) search.found.push(nowhere)
    return
  }
  find(field, search, depth + 1)
}
