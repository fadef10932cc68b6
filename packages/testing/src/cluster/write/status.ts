import type { KubeObject } from "@gitops-toolkit/kube"
import type { Resource } from "../resource.ts"
import { systemMetadata } from "./prepare.ts"

/** What besides `status` can be written through `/status`. */
export interface StatusRule {
  readonly labels: boolean
  readonly annotations: boolean
}

const wholeMetadata: ReadonlySet<string> = new Set([
  "pods",
  "services",
  "nodes",
  "namespaces",
  "persistentvolumes",
  "persistentvolumeclaims",
])

/** `next` as a write to `/status` sees it: the status is the request's, everything else stays. */
export function statusUpdate(next: KubeObject, live: KubeObject, resource: Resource): KubeObject {
  const metadata = systemMetadata(next, live)
  const { labels: _, ...rest } = metadata
  const kept = wholeMetadata.has(resource.table)
    ? metadata
    : resource.custom
      ? { ...live.metadata, ...(metadata.managedFields === undefined ? {} : { managedFields: metadata.managedFields }) }
      : { ...rest, ...(live.metadata.labels === undefined ? {} : { labels: live.metadata.labels }) }
  const { status: __, ...others } = live
  return { ...others, metadata: kept, ...(next.status === undefined ? {} : { status: next.status }) } as KubeObject
}
