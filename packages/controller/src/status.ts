import {
  conditionsOf,
  redactText,
  removeCondition,
  setCondition,
  ToolkitError,
  messageOf,
  placedMessageOf,
  type Condition,
  type KubeObject,
  type NewCondition,
} from "@gitops-toolkit/kube"
import type { ResourceStatus } from "./kind.ts"

/** A change to an object's status: fields to set, `undefined` to remove one. */
export type StatusPatch = { readonly [field: string]: unknown }

/** Asks the runtime to write the status now: what `saveStatus` makes. */
export interface StatusEvent {
  readonly type: "status.save"
  readonly patch: StatusPatch
}

/**
 * An event to `yield` from a reconcile: the status is stored before the generator goes on. What is stored already is
 * not written again. Conditions and inventory are the runtime's and are left out of the patch.
 *
 * @example
 * yield saveStatus({ phase: "Migrating" })
 */
export function saveStatus(patch: StatusPatch): StatusEvent {
  return { type: "status.save", patch }
}

/**
 * True for what `saveStatus` makes.
 *
 * @example
 * isStatusEvent(saveStatus({ phase: "Migrating" }))   // true
 * isStatusEvent({ type: "apply.done" })   // false
 */
export function isStatusEvent(event: unknown): event is StatusEvent {
  return typeof event === "object" && event !== null && (event as { type?: unknown }).type === "status.save"
}

/**
 * True when the object asks to be left alone: `spec.suspend: true`, Flux's convention. The runtime then skips it.
 *
 * @example
 * isSuspended({ apiVersion: "example.com/v1", kind: "App", metadata: { name: "shop" }, spec: { suspend: true } })   // true
 */
export function isSuspended(object: KubeObject): boolean {
  return (object.spec as { readonly suspend?: unknown } | null | undefined)?.suspend === true
}

/** What the conditions of an object are made from. Pure data. */
export type Verdict =
  | { readonly type: "progressing"; readonly message: string }
  | { readonly type: "ready"; readonly message: string }
  | { readonly type: "retrying"; readonly reason: string; readonly message: string }
  | { readonly type: "stalled"; readonly reason: string; readonly message: string }

/**
 * The status with its conditions brought to `verdict`, readable for kstatus, Flux and Argo CD: `Ready` always,
 * `Reconciling` and `Stalled` only while they are True. `observedGeneration` moves when the generation came to an end
 * (ready or stalled). Conditions of others are kept. Returns `status` itself when nothing changes.
 *
 * @example
 * const status = judgeStatus({ observedGeneration: 2 }, { type: "ready", message: "v1.4.2 runs" }, { generation: 3, now: new Date(0) })
 * status.observedGeneration   // 3
 * isTrue(conditionsOf({ status }), "Ready")   // true
 */
export function judgeStatus<Status extends ResourceStatus>(
  status: Status,
  verdict: Verdict,
  { generation, now }: { readonly generation: number | undefined; readonly now: Date },
): Status {
  const before = conditionsOf({ status })
  const observed = generation === undefined ? {} : { observedGeneration: generation }
  const set = (conditions: readonly Condition[], next: NewCondition): readonly Condition[] =>
    setCondition(conditions, { ...next, ...observed }, now)
  const conditions = conditionsFor(verdict).reduce(
    (all, { type, next }) => (next === undefined ? removeCondition(all, type) : set(all, { type, ...next })),
    before,
  )
  const ended = verdict.type === "ready" || verdict.type === "stalled"
  const observedGeneration = ended ? generation : (status.observedGeneration ?? -1)
  if (conditions === before && status.observedGeneration === observedGeneration) return status
  return { ...status, conditions, ...(observedGeneration === undefined ? {} : { observedGeneration }) }
}

interface Judged {
  readonly type: string
  readonly next: Omit<NewCondition, "type"> | undefined
}

function conditionsFor(verdict: Verdict): readonly Judged[] {
  const { message } = verdict
  const row = (type: string, status?: Condition["status"], reason = ""): Judged => ({
    type,
    next: status === undefined ? undefined : { status, reason, message },
  })
  switch (verdict.type) {
    case "progressing":
      return [row("Reconciling", "True", "Progressing"), row("Stalled"), row("Ready", "Unknown", "Progressing")]
    case "ready":
      return [row("Reconciling"), row("Stalled"), row("Ready", "True", "Succeeded")]
    case "retrying":
      return [row("Reconciling", "True", "ProgressingWithRetry"), row("Stalled"), row("Ready", "False", verdict.reason)]
    case "stalled":
      return [row("Reconciling"), row("Stalled", "True", verdict.reason), row("Ready", "False", verdict.reason)]
  }
}

/** What is said of a failure: its code (the condition's reason) and its message without secrets. */
export interface Failure {
  readonly code: string
  readonly message: string
  readonly retryable: boolean
  /** The lines around the fault in a file, when the error shows them. */
  readonly frame?: string
  /** What the server asked to wait, if it did. */
  readonly retryAfterMs?: number
}

/** No message in a condition or event is longer. */
const maxMessage = 4096

/**
 * The failure that `error` means. Anything that is no `ToolkitError` counts as `ReconcileFailed`, retryable.
 *
 * @example
 * failureOf(new ToolkitError("BuildFailed", "no such file: base/"))
 * // { code: "BuildFailed", message: "no such file: base/", retryable: false }
 * failureOf(new TypeError("x is undefined")).code   // "ReconcileFailed"
 */
export function failureOf(error: unknown): Failure {
  const known = error instanceof ToolkitError
  const text = redactText(known ? placedMessageOf(error) : messageOf(error))
  const asked = (error as { readonly retryAfterMs?: unknown } | null | undefined)?.retryAfterMs
  return {
    code: known ? error.code : "ReconcileFailed",
    message: text.length > maxMessage ? `${text.slice(0, maxMessage - 1)}…` : text,
    retryable: known ? error.retryable : true,
    ...(known && error.frame !== undefined && { frame: redactText(error.frame) }),
    ...(typeof asked === "number" && asked > 0 ? { retryAfterMs: asked } : {}),
  }
}
