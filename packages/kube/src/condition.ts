/** One entry of `status.conditions`, as `metav1.Condition` has it. */
export interface Condition {
  readonly type: string
  readonly status: "True" | "False" | "Unknown"
  /** PascalCase; at most 1,024 characters. */
  readonly reason: string
  /** For people; at most 32,768 characters. */
  readonly message: string
  /** RFC 3339, whole seconds: when `status` last changed. */
  readonly lastTransitionTime: string
  readonly observedGeneration?: number
}

/** A condition to set: the time is found by `setCondition`. */
export type NewCondition = Omit<Condition, "lastTransitionTime">

const maxReason = 1024
const maxMessage = 32_768

/**
 * The conditions with `next` in place of the one of its type, or at the end. `lastTransitionTime` moves only when the
 * status does. Returns `conditions` itself when nothing changes, so that an unchanged status needs no write.
 * Reason and message are cut to what the API accepts.
 *
 * @example
 * setCondition([], { type: "Ready", status: "True", reason: "Succeeded", message: "" }, new Date(0))[0]?.lastTransitionTime   // "1970-01-01T00:00:00Z"
 */
export function setCondition(conditions: readonly Condition[], next: NewCondition, now: Date): readonly Condition[] {
  const index = conditions.findIndex(({ type }) => type === next.type)
  const old = conditions[index]
  const lastTransitionTime = old?.status === next.status ? old.lastTransitionTime : formatTime(now)
  const set: Condition = {
    type: next.type,
    status: next.status,
    ...(next.observedGeneration === undefined ? {} : { observedGeneration: next.observedGeneration }),
    lastTransitionTime,
    reason: next.reason.slice(0, maxReason),
    message: next.message.length > maxMessage ? `${next.message.slice(0, maxMessage - 1)}…` : next.message,
  }
  if (old === undefined) return [...conditions, set]
  return sameCondition(old, set) ? conditions : conditions.with(index, set)
}

function sameCondition(a: Condition, b: Condition): boolean {
  const told = a.status === b.status && a.reason === b.reason && a.message === b.message
  return told && a.lastTransitionTime === b.lastTransitionTime && a.observedGeneration === b.observedGeneration
}

/**
 * The conditions without the one of `type`; the same array when there is none.
 *
 * @example
 * const stalled = { type: "Stalled", status: "True", reason: "BuildFailed", message: "no such file: base/" } as const
 * removeCondition(setCondition([], stalled, new Date()), "Stalled")   // []
 */
export function removeCondition(conditions: readonly Condition[], type: string): readonly Condition[] {
  return conditions.some((condition) => condition.type === type)
    ? conditions.filter((condition) => condition.type !== type)
    : conditions
}

/**
 * The condition of `type`, if there is one.
 *
 * @example
 * const conditions = conditionsOf({ status: { conditions: [{ type: "Ready", status: "False", reason: "BuildFailed" }] } })
 * findCondition(conditions, "Ready")?.reason   // "BuildFailed"
 */
export function findCondition(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type)
}

/**
 * True when the condition of `type` is there and its status is `True`.
 *
 * @example
 * isTrue(conditionsOf({ status: { conditions: [{ type: "Ready", status: "True" }] } }), "Ready")   // true
 * isTrue(undefined, "Ready")   // false
 */
export function isTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return findCondition(conditions, type)?.status === "True"
}

/**
 * True when the condition of `type` is there and its status is `False`.
 *
 * @example
 * isFalse(conditionsOf({ status: { conditions: [{ type: "Ready", status: "False" }] } }), "Ready")   // true
 * isFalse([], "Ready")   // false
 */
export function isFalse(conditions: readonly Condition[] | undefined, type: string): boolean {
  return findCondition(conditions, type)?.status === "False"
}

/**
 * The conditions in an object's status, leaving out entries without type and status. Never throws: the status may be a
 * stranger's.
 *
 * @example
 * conditionsOf({ status: { conditions: [{ type: "Ready", status: "True" }, "odd"] } })   // [{ type: "Ready", status: "True" }]
 * conditionsOf({ status: null })   // []
 */
export function conditionsOf(object: { readonly status?: unknown }): readonly Condition[] {
  const list = (object.status as { readonly conditions?: unknown } | null | undefined)?.conditions
  if (!Array.isArray(list)) return []
  return list.filter((item: unknown): item is Condition => {
    const { type, status } = (item ?? {}) as { readonly type?: unknown; readonly status?: unknown }
    return typeof type === "string" && typeof status === "string"
  })
}

/**
 * A time as `metav1.Time` writes it: RFC 3339 in UTC, whole seconds, the rest cut off. Throws `RangeError` for an invalid date.
 *
 * @example
 * formatTime(new Date(1_767_225_600_999))   // "2026-01-01T00:00:00Z"
 */
export function formatTime(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, "Z")
}

/**
 * A time as `metav1.MicroTime` writes it (leases): RFC 3339 in UTC, six digits of fraction. Throws `RangeError` for an invalid date.
 *
 * @example
 * formatMicroTime(new Date(1_767_225_600_250))   // "2026-01-01T00:00:00.250000Z"
 */
export function formatMicroTime(time: Date): string {
  return time.toISOString().replace("Z", "000Z")
}
