import { equalJson } from "@gitops-toolkit/kube"
import { PatchError } from "../error.ts"
import type { Topology } from "../topology.ts"
import { goText, goType } from "../value/go.ts"
import { assign, isMap, own, type JsonMap } from "../value/json.ts"
import {
  deleteFromPrimitiveList,
  directive,
  listOf,
  retainKeys,
  setElementOrder,
  withoutDirectives,
} from "./directive.ts"
import { applyElementOrder, type Draft } from "./element-order.ts"
import { asList, asMap, elementType, listField, mapField, type Field } from "./lookup.ts"
import { mergeElements, type MergedList } from "./merge-list.ts"

/** Whether a patch meets an object (on the server) or another patch (when patches are combined). */
export interface Mode {
  /** True: directives are carried out, nulls without effect are dropped. False: both are kept for later. */
  readonly final: boolean
}

/** `original` after `patch`. Neither is changed. */
export function mergeMap(type: Topology, sides: { original: JsonMap; patch: JsonMap }, mode: Mode): JsonMap {
  const marker = own(sides.patch, directive)
  if (marker !== undefined) return replaceMap(marker, sides.patch)
  const original: Draft = { ...sides.original }
  const patch: Draft = { ...sides.patch }
  applyRetainKeys(original, patch, mode)
  for (const name of Object.keys(patch)) {
    if (name.startsWith(setElementOrder)) applyElementOrder(type, { original, patch, name }, listMerger(mode))
  }
  for (const name of Object.keys(patch)) mergeMember(type, { original, name, value: patch[name] }, mode)
  return original
}

function listMerger(mode: Mode): { final: boolean; merge: (field: Field, lists: Lists) => MergedList } {
  return { final: mode.final, merge: (field, lists) => mergeList(field, lists, mode) }
}

function replaceMap(marker: unknown, patch: JsonMap): JsonMap {
  if (marker === "delete") return {}
  if (marker !== "replace") {
    throw new PatchError("InvalidPatch", `unknown patch type: ${goText(marker)} in map: ${goText(patch)}`)
  }
  const { [directive]: _, ...rest } = patch
  return rest
}

interface Lists {
  readonly original: readonly unknown[]
  readonly patch: readonly unknown[]
}

interface Member {
  readonly original: Draft
  readonly name: string
  readonly value: unknown
}

function mergeMember(type: Topology, { original, name, value }: Member, mode: Mode): void {
  if (!name.startsWith(deleteFromPrimitiveList)) return mergeValue(type, { original, name, value }, mode)
  if (!mode.final) return assign(original, name, value)
  const list = listOf(name, deleteFromPrimitiveList)
  if (list === undefined) throw new PatchError("InvalidPatch", "invalid patch format of primitive list")
  const present = own(original, list)
  if (value === null) delete original[list]
  else if (Array.isArray(present) && Array.isArray(value)) {
    if (present.length + value.length > 0) elementType(present, value)
    const gone = new Set(value)
    assign(
      original,
      list,
      present.filter((item) => !gone.has(item)),
    )
  }
}

function mergeValue(type: Topology, { original, name, value }: Member, mode: Mode): void {
  if (value === null) {
    delete original[name]
    if (mode.final) return
  }
  const present = own(original, name)
  if (present === undefined || goType(present) !== goType(value)) return put(original, name, newValue(value, mode))
  if (isMap(present)) {
    const field = mapField(type, name)
    const patch = asMap(value)
    assign(
      original,
      name,
      field.strategy === "replace" ? patch : mergeMap(field.type, { original: present, patch }, mode),
    )
  } else if (Array.isArray(present)) {
    assign(original, name, mergeList(listField(type, name), { original: present, patch: asList(value) }, mode).merged)
  } else assign(original, name, value)
}

/** Only lists with the strategy `merge` are merged, all others are replaced. */
function mergeList(field: Field, { original, patch }: Lists, mode: Mode): MergedList {
  if (field.strategy !== "merge") return { merged: patch, serverOrder: original }
  const merge = (before: JsonMap, item: JsonMap): JsonMap =>
    mergeMap(field.type, { original: before, patch: item }, mode)
  return mergeElements(field, { original, patch }, merge)
}

function put(into: Draft, name: string, value: unknown): void {
  if (value === undefined) delete into[name]
  else assign(into, name, value)
}

function newValue(value: unknown, mode: Mode): unknown {
  return withoutDirectives(mode.final ? withoutNulls(value) : value)
}

/** The value without members that are null, at any depth; null items of lists stay. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (!isMap(value)) return value
  const kept: Draft = {}
  for (const name of Object.keys(value)) if (value[name] !== null) assign(kept, name, withoutNulls(value[name]))
  return kept
}

/** `$retainKeys`: members that are not listed go; the patch may only set listed ones. */
function applyRetainKeys(original: Draft, patch: Draft, mode: Mode): void {
  const listed = own(patch, retainKeys)
  if (listed === undefined) return
  delete patch[retainKeys]
  if (!mode.final) return combineRetainKeys(original, listed)
  if (!Array.isArray(listed)) throw new PatchError("InvalidPatch", "invalid patch format of retainKeys")
  const names = new Set<unknown>(listed)
  for (const name of Object.keys(patch)) {
    const parallel = name.startsWith(deleteFromPrimitiveList) || name.startsWith(setElementOrder)
    if (patch[name] === null || parallel || names.has(name)) continue
    throw new PatchError("InvalidPatch", "invalid patch format of retainKeys")
  }
  for (const name of Object.keys(original)) if (!names.has(name)) delete original[name]
}

function combineRetainKeys(original: Draft, listed: unknown): void {
  const present = own(original, retainKeys)
  if (present === undefined) original[retainKeys] = listed
  else if (!equalJson(present, listed)) throw new PatchError("InvalidPatch", "two patches retain different keys")
}
