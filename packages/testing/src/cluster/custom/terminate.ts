import type { KubeObject } from "@gitops-toolkit/kube"
import { forbidden } from "../answer.ts"
import type { Resource } from "../resource.ts"
import type { ServerState } from "../state.ts"
import { cleanupFinalizer, definitionTable } from "./names.ts"

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

/** 403 for a new object of a definition that is to go. */
export function refuseTerminating({ store }: ServerState, resource: Resource, name: string): void {
  if (!resource.custom) return
  const { status } = (store.get(definitionTable, resource.table) ?? {}) as {
    readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] }
  }
  if (!status?.conditions?.some((condition) => condition.type === "Terminating" && condition.status === "True")) return
  throw forbidden(resource, name, "create not allowed while custom resource definition is terminating")
}
