import type { Resource } from "../resource.ts"
import { hasStatusPath } from "./prepare.ts"

type Fields = { readonly [field: string]: Fields }

const all: Fields = {}

/** The fields, as fieldsV1, that a path resets and that nobody can own through it; undefined: none. */
export function resetFieldsOf(resource: Resource, subresource: string): Fields | undefined {
  if (subresource === "status") {
    if (resource.custom) return { "f:spec": all, "f:metadata": all }
    return { "f:spec": all, ...(resource.table === "deployments.apps" ? { "f:metadata": { "f:labels": all } } : {}) }
  }
  return hasStatusPath(resource) ? { "f:status": all } : undefined
}
