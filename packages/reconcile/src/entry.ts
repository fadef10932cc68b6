import type { SettleTarget } from "@gitops-toolkit/health"
import type { InventoryState, KubeObject, ObjectRef } from "@gitops-toolkit/kube"
import type { FieldChange } from "./diff/compare.ts"
import type { Owner } from "./ownership.ts"

/** What is to happen to one object. */
export type PlanAction = "create" | "update" | "recreate" | "unchanged" | "prune" | "skip"

/**
 * Why an entry is skipped. Desired objects: `ReconcileDisabled` and `CreateOnly` (its own annotations). Objects that
 * are no longer desired: `Gone`, `NotOurs` (its live copy does not bear our mark), `KeepRequested` (`prune: disabled`),
 * `SameObject` (it is desired under another API group), `PruneOff`, `NotAllowed` (outside of `allow`),
 * `DiscoveryIncomplete` (the server did not tell all of its kinds), `BuildIncomplete` and `InUse`. The first four leave
 * the inventory.
 */
export type SkipReason =
  | "BuildIncomplete"
  | "CreateOnly"
  | "DiscoveryIncomplete"
  | "Gone"
  | "InUse"
  | "KeepRequested"
  | "NotAllowed"
  | "NotOurs"
  | "PruneOff"
  | "ReconcileDisabled"
  | "SameObject"

/** One line of a plan. JSON; holds no secret. */
export interface PlanEntry {
  readonly action: PlanAction
  readonly ref: ObjectRef
  /** Digest of the object as it will be sent; absent for deletions. */
  readonly digest?: string
  /** What an update changes, with Secrets masked; a `create` lists nothing. */
  readonly changes?: readonly FieldChange[]
  /** The live object that the decision was made on. */
  readonly live?: { readonly uid: string; readonly resourceVersion: string }
  /** Fields of kubectl are taken over, so that what is not desired goes. */
  readonly takeOver?: boolean
  readonly reason?: SkipReason
  /** A `create` that the server could not check, since this does not exist yet: the kind's CRD or the Namespace. */
  readonly waitsFor?: ObjectRef
}

/** What `plan` found: data, to be printed, filtered, stored, or carried out by `apply` and `prune`. */
export interface Plan {
  readonly owner: Owner
  /** Of the owner's marks; ends in `/`. */
  readonly prefix: string
  readonly fieldManager: string
  /** What may be taken over: see `PlanOptions`. */
  readonly adopt: "unowned" | "never" | "always"
  /** In order of application; deletions last, in reverse order. */
  readonly entries: readonly PlanEntry[]
  /** The objects that are there after `apply`: what `settle` is to wait for. */
  readonly keeps: readonly SettleTarget[]
  /** The inventory that the plan was made on. */
  readonly inventory: InventoryState
  /** Ignored pointers by `keyOf` of the object, for those that have any. */
  readonly ignored: { readonly [key: string]: readonly string[] }
  /**
   * The desired objects by `keyOf`, as they are sent. A map, so that neither `JSON.stringify` nor `printPlan` ever
   * shows a Secret.
   */
  readonly objects: ReadonlyMap<string, KubeObject>
}
