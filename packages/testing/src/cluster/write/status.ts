import type { KubeObject } from "@gitops-toolkit/kube"
import type { Resource } from "../resource.ts"
import { keepsMetadata, systemMetadata } from "./prepare.ts"

type Metadata = KubeObject["metadata"]

/** `next` as a write to `/status` sees it: the status is the request's, the rest stays but for what its kind lets through. */
export function statusUpdate(next: KubeObject, live: KubeObject, resource: Resource): KubeObject {
  const { status: _, ...others } = live
  const status = resource.table === "pods" ? withQosClass(next.status, live.status) : next.status
  return {
    ...others,
    metadata: metadataOf(next, live, resource),
    ...(status === undefined ? {} : { status }),
  } as KubeObject
}

function metadataOf(next: KubeObject, live: KubeObject, resource: Resource): Metadata {
  const metadata = systemMetadata(next, live)
  if (keepsMetadata(resource)) return withKept(live.metadata, metadata, ["managedFields"])
  if (resource.table === "deployments.apps") return withKept(metadata, live.metadata, ["labels"])
  if (resource.table === "pods") return withKept(metadata, live.metadata, ["ownerReferences"])
  return metadata
}

/** `metadata` with some members as `source` has them, or has them not. */
function withKept(metadata: Metadata, source: Metadata, names: readonly (keyof Metadata)[]): Metadata {
  const kept: Record<string, unknown> = { ...metadata }
  for (const name of names) {
    if (source[name] === undefined) delete kept[name]
    else kept[name] = source[name]
  }
  return kept
}

/** The class of service is set once and for all; a status without it keeps it. */
function withQosClass(status: unknown, before: unknown): unknown {
  const { qosClass } = (before ?? {}) as { readonly qosClass?: string }
  const given = (status ?? {}) as { readonly qosClass?: string }
  return qosClass === undefined || given.qosClass ? status : { ...given, qosClass }
}
