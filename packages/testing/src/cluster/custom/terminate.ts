import type { KubeObject } from "@gitops-toolkit/kube"
import { cleanupFinalizer } from "./names.ts"

/** A definition that is to go: its objects go first. */
export function markedDefinition(definition: KubeObject, now: string): KubeObject {
  const { metadata, status } = definition as KubeObject & {
    readonly status?: { readonly conditions?: readonly object[] }
  }
  const { finalizers = [] } = metadata
  const condition = {
    type: "Terminating",
    status: "True",
    lastTransitionTime: now,
    reason: "InstanceDeletionPending",
    message: "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon",
  }
  return {
    ...definition,
    metadata: { ...metadata, deletionTimestamp: now, finalizers: [...finalizers, cleanupFinalizer] },
    status: { ...status, conditions: [...(status?.conditions ?? []), condition] },
  } as KubeObject
}
