import type { YamlPath } from "@gitops-toolkit/kube/manifest"
import { fieldOf, isEmpty, isList, isMap, isScalar, tagOf, textOf } from "../node/node.ts"
import type { Node } from "../node/node.ts"
import type { FieldOrigin } from "../origin.ts"
import { resolvePlain } from "../node/scalar.ts"

/** A text whose parts have places. */
export interface Located {
  /** The place of the part at `way` or, where that is unknown, of the nearest one that it lies in. */
  positionOf(way: YamlPath): FieldOrigin
}

/** Who set a value: the part `way` of a text, by means of a transformer. */
export interface Place {
  /** The field of the kustomization, or the kind of the plugin; absent for what the file itself holds. */
  readonly transformer?: string
  readonly document: Located
  readonly way: YamlPath
}

/** Where a value and its parts come from. Never changes, so copies of a resource share it. */
export interface Trace {
  /** Also the place of every part that `parts` does not have: there the way leads on. */
  readonly place: Place
  readonly parts?: ReadonlyMap<string | number, Trace>
  /** Who removed fields that the value had. */
  readonly removed?: ReadonlyMap<string, Place>
}

/** Tells who set the value at `path` of an object; `known` is the place of the value before, where there was one. */
export type PlaceOf = (path: YamlPath, value: Node, known?: Place) => Place

/** The trace of one part. */
export function partOf({ parts, place }: Trace, key: string | number): Trace {
  return parts?.get(key) ?? { place: { ...place, way: [...place.way, key] } }
}

/** The place of the value at `path`. */
export function placeAt(trace: Trace, path: YamlPath): Place {
  return path.reduce<Trace>(partOf, trace).place
}

/** A value that is new as a whole, and the place of what it replaces. */
export interface Growth {
  readonly path: YamlPath
  readonly known?: Place | undefined
}

/** The trace of a value that is new as a whole. */
export function grow(value: Node, { path, known }: Growth, placeOf: PlaceOf): Trace {
  const place = placeOf(path, value, known)
  const entries = isMap(value) ? Object.entries(value) : isList(value) ? [...value.entries()] : []
  if (entries.length === 0) return { place }
  const parts = entries.map(([key, part]) => [key, grow(part, { path: [...path, key], known }, placeOf)] as const)
  return { place, parts: new Map(parts) }
}

/** A value before and after a step. */
export interface Step {
  readonly before: Node
  readonly after: Node
  readonly path: YamlPath
}

/** The trace after a step: what is equal keeps its place, elements of lists also where they have moved. */
export function follow(trace: Trace, { before, after, path }: Step, placeOf: PlaceOf): Trace {
  if (isSame(before, after)) return trace
  const next = (part: Trace | undefined, old: Node | undefined, key: string | number): Trace => {
    const value = (after as { [key: string | number]: Node })[key]!
    const inner = [...path, key]
    return part === undefined || old === undefined
      ? grow(value, { path: inner }, placeOf)
      : follow(part, { before: old, after: value, path: inner }, placeOf)
  }
  if (isMap(before) && isMap(after)) {
    const parts = Object.keys(after).map((key) => [key, next(partOf(trace, key), fieldOf(before, key), key)] as const)
    const gone = Object.keys(before).filter((key) => fieldOf(after, key) === undefined && !isEmpty(before[key]))
    const removed = [...(trace.removed ?? [])].filter(([key]) => fieldOf(after, key) === undefined)
    for (const key of gone) removed.push([key, placeOf([...path, key], before[key]!, partOf(trace, key).place)])
    return { place: trace.place, parts: new Map(parts), ...(removed.length > 0 ? { removed: new Map(removed) } : {}) }
  }
  if (isList(before) && isList(after)) {
    const origins = align(before, after)
    const parts = origins.map((origin, key) => {
      const known = origin === undefined ? undefined : partOf(trace, origin)
      return [key, next(known, origin === undefined ? undefined : before[origin], key)] as const
    })
    return { place: trace.place, parts: new Map(parts) }
  }
  return grow(after, { path, known: trace.place }, placeOf)
}

/** True when two values print the same, however they are spelled. */
export function isSame(a: Node, b: Node): boolean {
  if (a === b) return true
  if (isList(a)) return isList(b) && a.length === b.length && a.every((item, index) => isSame(item, b[index]!))
  if (isScalar(a) || isScalar(b)) return isScalar(a) && isScalar(b) && isSameScalar(a, b)
  if (!isMap(a) || !isMap(b)) return false
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && isSame(a[key]!, b[key]!))
}

function isSameScalar(a: Node, b: Node): boolean {
  const isText = tagOf(a) === "!!str"
  if (isText !== (tagOf(b) === "!!str")) return false
  if (textOf(a) === textOf(b)) return true
  return !isText && resolvePlain(textOf(a)).value === resolvePlain(textOf(b)).value
}

// What tells elements of a list apart, the most telling first: the merge keys of Kubernetes.
const keys = ["name", "mountPath", "devicePath", "containerPort", "port", "key", "topologyKey", "ip", "uid", "type"]

/** What an element of a list is known by, wherever it stands; absent where there is nothing. */
export function identityOf(element: Node): string | undefined {
  if (isScalar(element)) return `=${textOf(element)}`
  for (const key of keys) {
    const value = fieldOf(element, key)
    if (value !== undefined && isScalar(value)) return `${key}=${textOf(value)}`
  }
  return undefined
}

/** For every element of `after` the index of the element of `before` that it was: the same, else one known by the same. */
function align(before: readonly Node[], after: readonly Node[]): (number | undefined)[] {
  const found: (number | undefined)[] = after.map(() => undefined)
  const taken = new Set<number>()
  for (const keyOf of [contentOf, identityOf]) {
    const free = new Map<string, number[]>()
    for (const [index, element] of before.entries()) {
      const key = taken.has(index) ? undefined : keyOf(element)
      if (key === undefined) continue
      const known = free.get(key)
      if (known === undefined) free.set(key, [index])
      else known.push(index)
    }
    for (const [index, element] of after.entries()) {
      if (found[index] !== undefined) continue
      const origin = free.get(keyOf(element) ?? "")?.shift()
      if (origin === undefined) continue
      found[index] = origin
      taken.add(origin)
    }
  }
  // What is left over was renamed, or has nothing it is known by: there the position counts.
  return found.map((origin, index) => origin ?? (index < before.length && !taken.has(index) ? index : undefined))
}

/** A text that is the same for two elements with the same content. */
function contentOf(element: Node): string {
  if (isList(element)) return `[${element.map(contentOf).join()}]`
  if (!isMap(element)) return `${tagOf(element)} ${JSON.stringify(textOf(element))}`
  const fields = Object.keys(element).toSorted()
  return `{${fields.map((name) => `${JSON.stringify(name)}:${contentOf(element[name]!)}`).join()}}`
}
