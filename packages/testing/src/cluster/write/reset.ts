import type { Resource } from "../resource.ts"
import { isPodPart } from "../kinds/pod-part.ts"
import { hasStatusPath, keepsMetadata } from "./prepare.ts"

type Fields = { readonly [field: string]: Fields }

const all: Fields = {}

const signingRequests = "certificatesigningrequests.certificates.k8s.io"

const byStatus: { readonly [table: string]: Fields } = {
  "deployments.apps": { "f:metadata": { "f:labels": all } },
  pods: { "f:metadata": { "f:deletionTimestamp": all, "f:ownerReferences": all } },
  [signingRequests]: { "f:status": { "f:conditions": all } },
}

/** The fields, as fieldsV1, that a path resets and that nobody can own through it; undefined: none. */
export function resetFieldsOf(resource: Resource, subresource: string): Fields | undefined {
  const { table, custom } = resource
  if (subresource === "status") {
    if (keepsMetadata(resource)) return { "f:spec": all, "f:metadata": all }
    return { "f:spec": all, ...(!custom && Object.hasOwn(byStatus, table) ? byStatus[table] : {}) }
  }
  // Writes to these parts of a Pod reset the rest as well, but do not say so.
  if (isPodPart(subresource)) return undefined
  if (!custom && table === signingRequests) {
    return { "f:spec": all, "f:status": subresource === "approval" ? { "f:certificate": all } : all }
  }
  return hasStatusPath(resource) ? { "f:status": all } : undefined
}
