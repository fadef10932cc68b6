import type { KubeObject } from "@gitops-toolkit/kube"
import { withoutFinalizer } from "../resource.ts"
import type { WorkloadFailure } from "./options.ts"

/** What a controller says in an Event. */
export interface Notice {
  /** The controller that says it. */
  readonly by: string
  readonly about: KubeObject
  readonly reason: string
  readonly message: string
  readonly isWarning?: boolean
  /** The container that it is about. */
  readonly container?: string
  /** What was done, for those who tell by the newer kind of events. */
  readonly action?: string
}

/** What a controller wants done. */
export type Action =
  | {
      readonly type: "create"
      readonly object: KubeObject
      /** What to do next, when it is done. */
      readonly made?: (object: KubeObject) => readonly Action[]
      /** What to do instead of all that follows, when the server refuses. */
      readonly refused?: (message: string, name: string) => readonly Action[]
    }
  | { readonly type: "tell"; readonly notice: Notice }
  /** Writes `object.status`, and for the kinds that take them its annotations, through `/status`. */
  | { readonly type: "status"; readonly object: KubeObject }
  /** Writes everything but the status. */
  | { readonly type: "update"; readonly object: KubeObject }
  /** Stores the object as it is: what no client may write, as the node of a Pod. */
  | { readonly type: "store"; readonly object: KubeObject }
  | { readonly type: "delete"; readonly object: KubeObject; readonly now?: boolean }
  /** Looks at the object again when the clock shows `atMs`. */
  | { readonly type: "wake"; readonly atMs: number }

/** What a controller sees of the cluster. */
export interface View {
  readonly nowMs: number
  /** The time in RFC 3339. */
  readonly now: string
  /** How long a Pod takes to start, and one of a Job to end. */
  readonly delayMs: number
  /** Objects by table (`pods`, `replicasets.apps`) and namespace; all of them without a namespace. */
  list(table: string, namespace?: string): readonly KubeObject[]
  get(table: string, namespace: string | undefined, name: string): KubeObject | undefined
  /** The objects of a table whose controller is the object with this uid. */
  controlledBy(uid: string, table: string): readonly KubeObject[]
  /** The objects of a table and namespace that no controller owns. */
  orphans(table: string, namespace: string): readonly KubeObject[]
  failureOf(pod: KubeObject): WorkloadFailure | undefined
  /** An address that no Pod had yet. */
  nextAddress(): string
  /** Counts up from 0: to take turns. */
  nextTurn(): number
}

/** A controller of one kind: what is to be done, given what is there. It changes nothing by itself. */
export type Step = (object: KubeObject, view: View) => readonly Action[]

/** Takes a finalizer off an object that has it. */
export function releaseFrom(object: KubeObject, finalizer: string): Action[] {
  if (!object.metadata.finalizers?.includes(finalizer)) return []
  return [{ type: "update", object: withoutFinalizer(object, finalizer) }]
}
