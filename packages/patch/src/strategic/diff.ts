import { equalJson } from "@gitops-toolkit/kube"
import { PatchError } from "../error.ts"
import type { Topology } from "../topology.ts"
import { goType } from "../value/go.ts"
import { assign, isMap, own, type JsonMap } from "../value/json.ts"
import { deleteFromPrimitiveList, directive, retainKeys, setElementOrder } from "./directive.ts"
import { diffLists } from "./diff-list.ts"
import type { DiffOptions } from "./diff-options.ts"
import { listField, mapField, type Field } from "./lookup.ts"
import { compareGoTexts } from "./scalars.ts"

/** The two maps that are compared. */
export interface Maps {
  readonly original: JsonMap
  readonly modified: JsonMap
}

type Draft = { [name: string]: unknown }

/** The strategic merge patch that turns `original` into `modified`, as far as `options` ask for it. */
export function diffMaps(type: Topology, { original, modified }: Maps, options: DiffOptions): Draft {
  const patch: Draft = {}
  for (const name of Object.keys(modified)) {
    const after = own(modified, name)
    const before = own(original, name)
    if (before === undefined) {
      if (options.changes) assign(patch, name, after)
    } else diffMember(type, { patch, name, before, after }, options)
  }
  if (options.deletions) {
    for (const name of Object.keys(original)) if (own(modified, name) === undefined) assign(patch, name, null)
  }
  addRetainKeys(patch, { original, modified }, options)
  return patch
}

function addRetainKeys(patch: Draft, { original, modified }: Maps, { retain }: DiffOptions): void {
  const names = retain ? Object.keys(modified).filter((name) => modified[name] !== null) : []
  if (names.length === 0) return
  const loses = Object.keys(original).some((name) => original[name] !== null && own(modified, name) === undefined)
  if (loses || Object.keys(patch).length > 0) patch[retainKeys] = names.toSorted(compareGoTexts)
}

interface Member {
  readonly patch: Draft
  readonly name: string
  readonly before: unknown
  readonly after: unknown
}

function diffMember(type: Topology, member: Member, options: DiffOptions): void {
  const { patch, name, before, after } = member
  if (name === directive) return diffDirective(member)
  if (goType(before) !== goType(after)) {
    if (options.changes) assign(patch, name, after)
  } else if (isMap(before) && isMap(after)) {
    const field = lookUp(mapField, type, member)
    if (!field) return
    if (field.strategy === "replace") {
      if (options.changes) assign(patch, name, after)
      return
    }
    const inner = diffMaps(field.type, { original: before, modified: after }, { ...options, retain: field.retainKeys })
    if (Object.keys(inner).length > 0) assign(patch, name, inner)
  } else if (Array.isArray(before) && Array.isArray(after)) {
    const field = lookUp(listField, type, member)
    if (field?.strategy === "merge") addLists(member, field, options)
    else if (field) replaceIfChanged(member, options)
  } else replaceIfChanged(member, options)
}

/** A field that the type does not have matters only when it changed. */
function lookUp(
  find: (type: Topology, name: string) => Field,
  type: Topology,
  { name, before, after }: Member,
): Field | undefined {
  try {
    return find(type, name)
  } catch (error) {
    if (equalJson(before, after)) return undefined
    throw error
  }
}

function diffDirective({ patch, before, after }: Member): void {
  if (typeof before !== "string" || typeof after !== "string") {
    throw new PatchError("InvalidPatch", `invalid value for special key: ${directive}`)
  }
  if (before !== after) patch[directive] = after
}

function replaceIfChanged({ patch, name, before, after }: Member, { changes }: DiffOptions): void {
  if (changes && !equalJson(before, after)) assign(patch, name, after)
}

function addLists({ patch, name, before, after }: Member, field: Field, options: DiffOptions): void {
  const merge = (original: JsonMap, modified: JsonMap): Draft =>
    diffMaps(field.type, { original, modified }, { ...options, retain: field.retainKeys })
  const lists = { original: before as readonly unknown[], modified: after as readonly unknown[] }
  const { items, deleted, order } = diffLists(lists, field.mergeKey, { options, merge })
  if (items.length > 0) assign(patch, name, items)
  if (deleted.length > 0) patch[`${deleteFromPrimitiveList}/${name}`] = deleted
  if (order.length > 0) patch[`${setElementOrder}/${name}`] = order
}
