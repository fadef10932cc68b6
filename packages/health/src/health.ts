/**
 * What state an object is in, in kstatus' words: `Current` is ready as desired, `InProgress` on its way, `Failed`
 * will not get there by itself, `Terminating` is being deleted, `NotFound` is absent, `Unknown` could not be judged.
 */
export type HealthStatus = "Current" | "InProgress" | "Failed" | "Terminating" | "NotFound" | "Unknown"

/** The verdict on one object. */
export interface Health {
  readonly status: HealthStatus
  /** PascalCase; there for `InProgress`, `Failed` and `Unknown`. */
  readonly reason?: string
  /** For people; may be empty. */
  readonly message: string
}

/** What the judged object is made of, as far as a rule may rely on it: JSON of a stranger. */
export type JsonMap = { readonly [field: string]: unknown }

/**
 * A `Health` of status `Current`.
 *
 * @example
 * current("Widget is ready")   // { status: "Current", message: "Widget is ready" }
 */
export function current(message: string): Health {
  return { status: "Current", message }
}

/**
 * A `Health` of status `InProgress`.
 *
 * @example
 * inProgress("Pulling", "2 of 3 images are pulled")   // { status: "InProgress", reason: "Pulling", message: "2 of 3 images are pulled" }
 */
export function inProgress(reason: string, message: string): Health {
  return { status: "InProgress", reason, message }
}

/**
 * A `Health` of status `Failed`.
 *
 * @example
 * failed("QuotaExceeded", "no room for 3 Widgets")   // { status: "Failed", reason: "QuotaExceeded", message: "no room for 3 Widgets" }
 */
export function failed(reason: string, message: string): Health {
  return { status: "Failed", reason, message }
}

/**
 * A `Health` of status `Unknown`.
 *
 * @example
 * unknown("NoStatus", "its controller never looked at it")   // { status: "Unknown", reason: "NoStatus", message: "its controller never looked at it" }
 */
export function unknown(reason: string, message: string): Health {
  return { status: "Unknown", reason, message }
}
