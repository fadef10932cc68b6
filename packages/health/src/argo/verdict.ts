import type { KubeObject } from "@gitops-toolkit/kube"

/** Argo CD's health codes. */
export type ArgoStatus = "Healthy" | "Suspended" | "Progressing" | "Missing" | "Degraded" | "Unknown"

/** A verdict in Argo CD's words. */
export interface ArgoHealth {
  readonly status: ArgoStatus
  /** Often empty. */
  readonly message: string
}

/** How the objects of one group and kind are judged. */
export interface ArgoCheck {
  /** The apiVersions that the check knows; absent: any. */
  readonly versions?: readonly string[]
  /** What messages call the kind; absent: its name. */
  readonly name?: string
  readonly assess: (object: KubeObject) => ArgoHealth
}

/** An `ArgoHealth`. */
export function argo(status: ArgoStatus, message = ""): ArgoHealth {
  return { status, message }
}
