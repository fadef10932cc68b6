import { keyOf, type ObjectRef } from "@gitops-toolkit/kube"
import { compareForApply } from "../stages.ts"

/** All references of both, each object once (the version of `added` counts), in order of application. */
export function unionOfRefs(stored: readonly ObjectRef[], added: readonly ObjectRef[]): ObjectRef[] {
  const all = new Map(stored.map((ref) => [keyOf(ref), refOnly(ref)]))
  for (const ref of added) all.set(keyOf(ref), refOnly(ref))
  return [...all.values()].toSorted(compareForApply)
}

/** The references of `stored` that name no object of `gone`: by identity, the version does not count. */
export function subtractRefs(stored: readonly ObjectRef[], gone: readonly ObjectRef[]): ObjectRef[] {
  const keys = new Set(gone.map(keyOf))
  return stored.filter((ref) => !keys.has(keyOf(ref)))
}

/** True when both name the same objects in the same versions, in whatever order. */
export function sameRefs(a: readonly ObjectRef[], b: readonly ObjectRef[]): boolean {
  if (a.length !== b.length) return false
  const versions = new Map(a.map((ref) => [keyOf(ref), ref.apiVersion]))
  return versions.size === a.length && b.every((ref) => versions.get(keyOf(ref)) === ref.apiVersion)
}

function refOnly({ apiVersion, kind, namespace, name }: ObjectRef): ObjectRef {
  return namespace === undefined ? { apiVersion, kind, name } : { apiVersion, kind, namespace, name }
}
