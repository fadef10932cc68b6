import type { KubeObject } from "@gitops-toolkit/kube"
import type { EventSource, Notification } from "@gitops-toolkit/notify"

/** One case of corpus/notify; which members are there depends on the file and on `op`. */
export interface NotifyCase {
  readonly name: string
  readonly op?: string
  readonly provider?: string
  readonly config?: { readonly [name: string]: unknown }
  readonly event?: Notification | null
  readonly response?: Answer
  readonly responses?: readonly Answer[]
  readonly metadataOrder?: "any"
  readonly expected: unknown
  readonly input?: string
  readonly [member: string]: unknown
}

/** What a stub server answers. */
export interface Answer {
  readonly method?: string
  readonly path?: string
  readonly status?: number
  readonly body?: unknown
}

/** An alert as `filterAlerts` has it. */
export interface AlertSpec {
  readonly eventSources: readonly EventSource[]
  readonly eventSeverity?: "info" | "error"
  readonly inclusionList?: readonly string[]
  readonly exclusionList?: readonly string[]
  readonly suspend?: boolean
}

export type Objects = readonly KubeObject[]
