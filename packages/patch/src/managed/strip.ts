import { subtract } from "../field-set/algebra.ts"
import { readFieldsV1 } from "../field-set/fields-v1.ts"
import { hasChildren, type FieldSet } from "../field-set/node.ts"
import type { ManagedSet, Managers } from "../structured-merge.ts"

/** The fields that nobody owns: identity, and what only the server sets. */
const stripped: FieldSet = /* @__PURE__ */ readFieldsV1({
  "f:apiVersion": {},
  "f:kind": {},
  "f:metadata": {
    ".": {},
    "f:name": {},
    "f:namespace": {},
    "f:creationTimestamp": {},
    "f:selfLink": {},
    "f:uid": {},
    "f:clusterName": {},
    "f:generation": {},
    "f:managedFields": {},
    "f:resourceVersion": {},
  },
})

/** Appliers send the same set again and again. */
const known = new WeakMap<FieldSet, { readonly fields: FieldSet | undefined }>()

/** `fields` without identity and server-set metadata, which no `managedFields` entry ever holds. */
export function stripFields(fields: FieldSet): FieldSet | undefined {
  let rest = known.get(fields)
  if (!rest) {
    rest = { fields: subtract(fields, stripped) }
    known.set(fields, rest)
  }
  return rest.fields
}

/** Strips the set of one manager; without fields left it disappears. */
export function stripManager(managers: Managers, id: string): Managers {
  const set = managers.get(id)
  if (!set) return managers
  const fields = stripFields(set.fields)
  if (fields === set.fields) return managers
  const changed = new Map<string, ManagedSet>(managers)
  if (fields && hasChildren(fields)) changed.set(id, { ...set, fields })
  else changed.delete(id)
  return changed
}
