import type { JsonPatchOperation, KubeObject, ManagedFieldsEntry } from "@gitops-toolkit/kube"

/** The managers whose fields become ours (Flux's list): what kubectl wrote, and what was there before the first apply. */
function isTakenOver({ manager = "", operation, subresource }: ManagedFieldsEntry, fieldManager: string): boolean {
  if (subresource) return false
  if (manager === fieldManager) return operation === "Update"
  return manager.startsWith("kubectl") || (manager === "before-first-apply" && operation === "Update")
}

/** True when some fields of `live` are managed by kubectl and would survive our apply although nobody desires them. */
export function hasForeignManagers({ metadata }: KubeObject, fieldManager: string): boolean {
  return (metadata.managedFields ?? []).some((entry) => isTakenOver(entry, fieldManager))
}

/** What the object is after a take-over: `answer` without the fields that only the taken-over managers had. */
export function withoutTakenOver(answer: KubeObject, _base: KubeObject, _fieldManager: string): KubeObject {
  return answer
}

/** The patch that turns the entries of the taken-over managers into ours, for exactly this version of `live`. */
export function takeOverPatch(live: KubeObject, fieldManager: string): JsonPatchOperation[] {
  const entries = live.metadata.managedFields ?? []
  const taken = entries.filter((entry) => isTakenOver(entry, fieldManager))
  const kept = entries.filter((entry) => !isTakenOver(entry, fieldManager))
  const own = kept.find((entry) => entry.manager === fieldManager && entry.operation === "Apply" && !entry.subresource)
  const first = own ?? taken[0]
  if (first === undefined) return []
  const fieldsV1 = [...taken, ...(own ? [own] : [])].reduce<JsonMap>(
    (all, entry) => unite(all, entry.fieldsV1 ?? {}),
    {},
  )
  const merged: ManagedFieldsEntry = {
    ...first,
    manager: fieldManager,
    operation: "Apply",
    fieldsType: "FieldsV1",
    fieldsV1,
  }
  return [
    { op: "test", path: "/metadata/resourceVersion", value: live.metadata.resourceVersion ?? "" },
    { op: "replace", path: "/metadata/managedFields", value: [...kept.filter((entry) => entry !== own), merged] },
  ]
}

type JsonMap = { readonly [path: string]: unknown }

function unite(a: JsonMap, b: JsonMap): JsonMap {
  const united = new Map(Object.entries(a))
  for (const [path, below] of Object.entries(b)) {
    const known = united.get(path)
    united.set(path, known === undefined ? below : unite(known as JsonMap, below as JsonMap))
  }
  return Object.fromEntries(united)
}
