import type { Resource } from "../resource.ts"
import { typeOfKind } from "../kinds/types.ts"
import { hasStatusPath, keepsMetadata } from "./prepare.ts"

type Fields = { readonly [field: string]: Fields }

const all: Fields = {}

const signingRequests = "certificatesigningrequests.certificates.k8s.io"

const byStatus: { readonly [table: string]: Fields } = {
  "deployments.apps": { "f:metadata": { "f:labels": all } },
  pods: { "f:metadata": { "f:deletionTimestamp": all, "f:ownerReferences": all } },
  [signingRequests]: { "f:status": { "f:conditions": all } },
}

/** All of a Pod but some members of its spec. */
function allOfPodBut(...kept: readonly string[]): Fields {
  const spec = typeOfKind("v1", "Pod")!.fields.get("spec")!.type.struct!
  const others = [...spec.fields.keys()].filter((name) => !kept.includes(name))
  return { "f:metadata": all, "f:status": all, "f:spec": Object.fromEntries(others.map((name) => [`f:${name}`, all])) }
}

/** The fields, as fieldsV1, that a path resets and that nobody can own through it; undefined: none. */
export function resetFieldsOf(resource: Resource, subresource: string): Fields | undefined {
  const { table, custom } = resource
  if (subresource === "status") {
    if (keepsMetadata(resource)) return { "f:spec": all, "f:metadata": all }
    return { "f:spec": all, ...(!custom && Object.hasOwn(byStatus, table) ? byStatus[table] : {}) }
  }
  if (subresource === "ephemeralcontainers") return allOfPodBut("ephemeralContainers")
  if (subresource === "resize") return allOfPodBut("containers", "initContainers")
  if (!custom && table === signingRequests) {
    return { "f:spec": all, "f:status": subresource === "approval" ? { "f:certificate": all } : all }
  }
  return hasStatusPath(resource) ? { "f:status": all } : undefined
}
