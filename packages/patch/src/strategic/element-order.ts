import { equalJson } from "@gitops-toolkit/kube"
import { PatchError } from "../error.ts"
import type { Topology } from "../topology.ts"
import { goText } from "../value/go.ts"
import { assign, isMap, own } from "../value/json.ts"
import { directive, listOf, setElementOrder, withoutDirectives } from "./directive.ts"
import { asList, elementType, listField, type Field } from "./lookup.ts"
import type { MergedList } from "./merge-list.ts"
import { arrange, isDeletion, keyOfElement, partition } from "./order.ts"

/** A map that is being put together. */
export type Draft = { [name: string]: unknown }

/** How lists are merged, and whether the directive is carried out now or kept for later. */
export interface ListMerger {
  readonly final: boolean
  merge(field: Field, lists: { readonly original: readonly unknown[]; readonly patch: readonly unknown[] }): MergedList
}

interface Place {
  readonly original: Draft
  readonly patch: Draft
  /** The directive's member, `$setElementOrder/<list>`. */
  readonly name: string
}

const malformed = "invalid patch format of setElementOrder list"

/** Merges a list and puts it in the order that its `$setElementOrder` asks for; both are taken out of the patch. */
export function applyElementOrder(type: Topology, { original, patch, name }: Place, merger: ListMerger): void {
  const order = patch[name]
  if (!merger.final) keepOrder(original, name, order)
  delete patch[name]
  const wanted = asList(order)
  const list = listOf(name, setElementOrder)
  if (list === undefined) throw new PatchError("InvalidPatch", malformed)
  const before = own(original, list)
  const change = own(patch, list)
  const present = before === undefined ? undefined : asList(before)
  const changes = change === undefined ? undefined : asList(change)
  const field = listField(type, list)
  assertOrder(changes ?? [], wanted, field.mergeKey)
  if (!present && !changes) return
  const { merged, serverOrder } =
    present && changes
      ? merger.merge(field, { original: present, patch: changes })
      : { merged: present ?? (withoutDirectives(changes) as readonly unknown[]), serverOrder: present ?? [] }
  elementType(present ?? [], changes ?? [])
  const { inside, outside } = partition(merged, wanted, field.mergeKey)
  const arrangement = { patchItems: inside, serverItems: outside, patchOrder: wanted, serverOrder }
  assign(original, list, arrange(arrangement, field.mergeKey))
  delete patch[list]
}

function keepOrder(original: Draft, name: string, order: unknown): void {
  const present = own(original, name)
  if (present === undefined) assign(original, name, order)
  else if (!equalJson(present, order)) throw new PatchError("InvalidPatch", malformed)
}

/** The items of the patch must all be in the wanted order, and in that order. */
function assertOrder(changes: readonly unknown[], wanted: readonly unknown[], mergeKey: string): void {
  if (wanted.length === 0 || changes.length === 0) return
  let next = 0
  for (const item of changes) {
    if (mergeKey !== "" && isDeletion(item)) continue
    if (isMap(item) && own(item, directive) !== undefined) continue
    const key = keyOfElement(item, mergeKey)
    while (next < wanted.length && keyOfElement(wanted[next], mergeKey) !== key) next++
    if (next++ >= wanted.length) {
      throw new PatchError(
        "InvalidPatch",
        `The order in patch list:\n${goText(changes)}\n doesn't match ${setElementOrder} list:\n${goText(wanted)}\n`,
      )
    }
  }
}
