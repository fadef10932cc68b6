import { formatRef, ToolkitError, type ObjectRef, type ToolkitErrorOptions } from "@gitops-toolkit/kube"

/**
 * Why a plan could not be made or carried out:
 * `PlanFailed`, `ApplyFailed` and `PruneFailed` are aggregates of several different failures;
 * `InvalidObject` an object that no server could take; `DuplicateObject` one that is desired twice;
 * `NotAllowed` one outside of what the tenant may touch; `OwnedByAnother` one that bears another owner's mark;
 * `NotOurs` one that exists without a mark where adoption was forbidden, or must not be deleted for lack of one;
 * `Immutable` a change that needs a recreation nobody allowed; `Terminating` an object or namespace that is being
 * deleted; `EmptyBuild` nothing desired where there was something; `StalePlan` the inventory or the cluster changed
 * since the plan was made; `InvalidPlan` a plan's text that is damaged or fits no object; `InvalidOwner` an owner
 * without name or uid; `InvalidPattern` a pattern in `allow` that cannot be read.
 */
export type ReconcileErrorCode =
  | "ApplyFailed"
  | "DuplicateObject"
  | "EmptyBuild"
  | "Immutable"
  | "InvalidObject"
  | "InvalidOwner"
  | "InvalidPattern"
  | "InvalidPlan"
  | "NotAllowed"
  | "NotOurs"
  | "OwnedByAnother"
  | "PlanFailed"
  | "PruneFailed"
  | "StalePlan"
  | "Terminating"

/** What went wrong with one object. Never carries a secret. */
export interface ObjectFailure {
  readonly ref: ObjectRef
  /** A `ReconcileErrorCode`, or the code of the cluster's or health's error. */
  readonly code: string
  readonly message: string
  /** The fields that the server named, as it writes them (`spec.replicas`). */
  readonly fields?: readonly string[]
  readonly retryable: boolean
}

/** What a `ReconcileError` carries beside what every `ToolkitError` does. */
export interface ReconcileErrorOptions extends ToolkitErrorOptions {
  readonly failures?: readonly ObjectFailure[]
}

/** The error that every function of this package throws. `failures` holds every object's failure. */
export class ReconcileError extends ToolkitError<ReconcileErrorCode> {
  readonly failures: readonly ObjectFailure[]

  constructor(code: ReconcileErrorCode, message: string, options: ReconcileErrorOptions = {}) {
    super(code, message, options)
    this.failures = options.failures ?? []
  }
}

const aggregates: ReadonlySet<string> = new Set(["ApplyFailed", "PlanFailed", "PruneFailed"])
const ownCodes: ReadonlySet<string> = new Set([
  "DuplicateObject",
  "Immutable",
  "InvalidObject",
  "NotAllowed",
  "NotOurs",
  "OwnedByAnother",
  "StalePlan",
  "Terminating",
])

/** So many failures are named in a message; `failures` has them all. */
const namedFailures = 10

/**
 * One error for all `failures`. Its code is theirs when they share one of this package's, else `aggregate`; it is
 * retryable when one of them is, since then trying again gets further.
 */
export function failTogether(aggregate: ReconcileErrorCode, failures: readonly ObjectFailure[]): ReconcileError {
  const codes = new Set(failures.map(({ code }) => code))
  const [only] = codes
  const shared = codes.size === 1 && only !== undefined && ownCodes.has(only) ? (only as ReconcileErrorCode) : aggregate
  const texts = failures.slice(0, namedFailures).map(({ ref, code, message }) => {
    return `${formatRef(ref)}: ${aggregates.has(shared) ? `[${code}] ` : ""}${message}`
  })
  if (failures.length > namedFailures) texts.push(`and ${failures.length - namedFailures} more`)
  const ref = failures.length === 1 ? failures[0]?.ref : undefined
  return new ReconcileError(shared, texts.join("; "), {
    failures,
    retryable: failures.some(({ retryable }) => retryable),
    ...(ref ? { ref } : {}),
  })
}
