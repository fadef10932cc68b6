import { fail } from "../error.ts"
import { fieldOf, isList, isMap, isMissingOrNull, isScalar, setField, textOf } from "../node/node.ts"
import type { MapNode, Node } from "../node/node.ts"
import { indexOfPart, isListIndex, kindAfter, splitListIndex } from "../node/path.ts"
import type { CreateKind, Place } from "../node/path.ts"

const emptyNodes: { readonly [kind in CreateKind]: () => Node } = { scalar: () => "", map: () => ({}), list: () => [] }

interface Search {
  readonly path: readonly string[]
  readonly create: CreateKind | undefined
  readonly found: Place[]
}

/**
 * Every place that a replacement's path leads to: fields, numbers, `[name=value]` (all elements with that value) and
 * `*` (all elements). With `create`, fields and list elements that are missing are made.
 */
export function findPlaces(root: Node, path: readonly string[], create: CreateKind | undefined): Place[] {
  const search: Search = { path, create, found: [] }
  find({ node: root, set: () => fail("cannot replace the root") }, search, 0)
  return search.found
}

function find(place: Place, search: Search, depth: number): void {
  const part = search.path[depth]
  if (part === undefined) {
    search.found.push(place)
    return
  }
  const { node } = place
  const index = indexOfPart(part)
  if (index !== undefined && index >= 0) findIndex(node, index, { ...search, depth })
  else if (isListIndex(part)) findElements(node, part, { ...search, depth })
  else if (part === "*") eachElement(node, (element) => find(element, search, depth + 1))
  else findField(node, part, { ...search, depth })
}

interface Step extends Search {
  readonly depth: number
}

const nextKind = (step: Step): CreateKind | undefined =>
  step.create && kindAfter(step.path[step.depth + 1], step.create)

function placeOf(list: Node[], index: number): Place {
  return { node: list[index]!, set: (value) => void (list[index] = value) }
}

function eachElement(node: Node, visit: (place: Place) => void): void {
  if (isMissingOrNull(node)) return
  if (!isList(node))
    fail(`wrong node kind: expected SequenceNode but got ${isMap(node) ? "MappingNode" : "ScalarNode"}`)
  for (let i = 0; i < node.length; i++) visit(placeOf(node, i))
}

function findIndex(node: Node, index: number, step: Step): void {
  if (!isMissingOrNull(node) && !isList(node)) fail("wrong node kind: expected SequenceNode")
  const list = isList(node) ? node : []
  const kind = nextKind(step)
  if (list.length === index && kind !== undefined && isList(node)) {
    list.push(emptyNodes[kind]())
    return find({ ...placeOf(list, index), isNew: true }, step, step.depth + 1)
  }
  if (index >= list.length) fail(`index ${index} specified but only ${list.length} elements found`)
  find(placeOf(list, index), step, step.depth + 1)
}

function findElements(node: Node, part: string, step: Step): void {
  const [name, value] = splitListIndex(part)
  const before = step.found.length
  const visit = (): void => {
    eachElement(node, (place) => {
      const text = name === "" ? place.node : fieldOf(place.node, name)
      if (text === undefined || !matches(text, value)) return
      if (name === "") step.found.push(place)
      else find(place, step, step.depth + 1)
    })
  }
  visit()
  if (step.found.length > before || step.create === undefined || !isList(node)) return
  node.push(name === "" ? value : { [name]: value })
  visit()
}

// kustomize takes the value for a regular expression that may match anywhere; see compileElementPattern.
function matches(node: Node, value: string): boolean {
  return isScalar(node) && textOf(node).trim().includes(value)
}

function findField(node: Node, name: string, step: Step): void {
  if (isMissingOrNull(node)) return
  if (!isMap(node))
    fail(`wrong node kind: expected MappingNode but got ${isList(node) ? "SequenceNode" : "ScalarNode"}`)
  const map: MapNode = node
  let isNew = false
  if (fieldOf(map, name) === undefined) {
    const kind = nextKind(step)
    if (kind === undefined) return
    setField(map, name, emptyNodes[kind]())
    isNew = true
  }
  const place: Place = { node: map[name]!, set: (value) => setField(map, name, value), ...(isNew ? { isNew } : {}) }
  find(place, step, step.depth + 1)
}
