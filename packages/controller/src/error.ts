import { ToolkitError } from "@gitops-toolkit/kube"

/**
 * What can go wrong in this package. The codes are reasons of the `Ready` condition too.
 *
 * - `DependencyCycle`: objects depend on each other in a circle; the message names the way.
 * - `DependencyNotReady`: what the object depends on is not ready; it is tried again as soon as that changes.
 * - `InvalidKind`: `defineKind` was given a name, group or version that Kubernetes would refuse, or a schema that has no
 *   form as a CRD.
 * - `InvalidOptions`: `run` or `createQueue` was given options that contradict each other.
 * - `InvalidSpec`: the object's spec does not pass its schema; the message names the field.
 * - `LeaseLost`: a Lease could not be renewed in time, or somebody else holds it.
 * - `ReconcileFailed`: a reconcile threw something that is no `ToolkitError`.
 * - `ReconcileTimedOut`: a reconcile did not end within its deadline.
 * - `Shutdown`: the reason of a reconcile's signal when the program ends.
 * - `Superseded`: the reason of a reconcile's signal when its object changed or is gone.
 * - `WatchFailed`: a watch ended although nobody stopped it.
 */
export type ControllerErrorCode =
  | "DependencyCycle"
  | "DependencyNotReady"
  | "InvalidKind"
  | "InvalidOptions"
  | "InvalidSpec"
  | "LeaseLost"
  | "ReconcileFailed"
  | "ReconcileTimedOut"
  | "Shutdown"
  | "Superseded"
  | "WatchFailed"

/** The error of this package. */
export class ControllerError extends ToolkitError<ControllerErrorCode> {}
