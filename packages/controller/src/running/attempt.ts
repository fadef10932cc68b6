import {
  findCondition,
  isClusterError,
  redactText,
  type Clock,
  type Cluster,
  type KubeObject,
  type ObjectRef,
} from "@gitops-toolkit/kube"
import type { AnyController, Outcome, ReconcileContext } from "../define.ts"
import type { EventBody } from "../event.ts"
import { addFinalizer, hasFinalizer, removeFinalizer } from "../finalizer.ts"
import type { Resource, ResourceStatus } from "../kind.ts"
import type { LiveCaches } from "../live.ts"
import { failureOf, isSuspended, judgeStatus, type Failure, type StatusPatch, type Verdict } from "../status.ts"
import { drive } from "./drive.ts"
import { statusInventory } from "./inventory.ts"
import { parseResource, parseWhatFits } from "./parse.ts"
import { createStatusWriter, type StatusWriter } from "./status-writer.ts"

/** What one attempt is given. */
export interface AttemptOptions {
  readonly cluster: Cluster
  readonly controller: AnyController
  readonly live: LiveCaches
  readonly clock: Clock
  /** Aborts the user's work: deadline, shutdown, superseded. */
  readonly signal: AbortSignal
  /** Aborts the runtime's own writes: the end of the drain. */
  readonly hardStop: AbortSignal
  /** Hears of every version of the object that the server answered. */
  readonly onObject: (object: KubeObject) => void
  /** Called before the work begins; rejects when the object must not be reconciled now. */
  readonly onResource: (resource: Resource) => Promise<void>
  /** Hears of every inventory that was read or stored. */
  readonly onRefs: (refs: readonly ObjectRef[]) => void
  readonly onEvent: (event: EventBody) => void
}

/** How one attempt ended. */
export type AttemptResult =
  | {
      readonly type: "finished"
      readonly outcome: Outcome
      readonly message: string
      readonly revision?: string
      readonly statusWritten: boolean
    }
  | { readonly type: "cancelled"; readonly reason: string }
  | { readonly type: "failed"; readonly failure: Failure }
  | { readonly type: "idle"; readonly why: "suspended" | "gone" }

interface Attempt extends AttemptOptions {
  readonly writer: StatusWriter
  /** Of the object when the attempt began: what its verdict is about. */
  readonly generation: number | undefined
  readonly requestedAt: string | undefined
}

/** Reconciles or finalizes the object once. Never rejects. */
export async function attempt(object: KubeObject, options: AttemptOptions): Promise<AttemptResult> {
  const { cluster, controller, hardStop } = options
  const writer = createStatusWriter(cluster, object, {
    fieldManager: controller.name,
    signal: hardStop,
    onObject: options.onObject,
  })
  const self: Attempt = {
    ...options,
    writer,
    generation: object.metadata.generation,
    requestedAt: object.metadata.annotations?.[`${controller.prefix}requestedAt`],
  }
  try {
    if (object.metadata.deletionTimestamp !== undefined) return await finalizeObject(object, self)
    if (isSuspended(object)) return { type: "idle", why: "suspended" }
    return await reconcileObject(object, self)
  } catch (error) {
    if (!options.signal.aborted) return await failed(self, failureOf(error))
    // Whatever the work made of the abort, the reason says what happened.
    const { code, ...failure } = failureOf(options.signal.reason)
    if (code === "ReconcileTimedOut") return await failed(self, { code, ...failure })
    return { type: "cancelled", reason: code }
  }
}

async function reconcileObject(object: KubeObject, self: Attempt): Promise<AttemptResult> {
  const { cluster, controller, hardStop, writer } = self
  const resource = parseResource(object, controller.kind)
  if (controller.finalize !== undefined && !hasFinalizer(object, controller.finalizer)) {
    const { finalizer, name } = controller
    const marked = await addFinalizer(cluster, object, { finalizer, fieldManager: name, signal: hardStop })
    if (marked === undefined) return { type: "idle", why: "gone" }
    self.onObject(marked)
    // The writer, which reads again after a conflict, must not begin with the version before.
    return reconcileObject(marked, { ...self, writer: rebased(self, marked) })
  }
  await self.onResource(resource)
  await announce(self)
  const outcome = (await run(resource, self, "reconcile")) ?? {}
  const message = redactText(outcome.message ?? readyMessage({ ...writer.status(), ...outcome.status }))
  const statusWritten = await judge(self, { type: "ready", message }, outcome.status)
  const { revision } = writer.status()
  return { type: "finished", outcome, message, statusWritten, ...(revision === undefined ? {} : { revision }) }
}

function rebased({ cluster, controller, hardStop, onObject }: Attempt, object: KubeObject): StatusWriter {
  return createStatusWriter(cluster, object, { fieldManager: controller.name, signal: hardStop, onObject })
}

function readyMessage({ revision }: { readonly revision?: unknown }): string {
  return typeof revision === "string" && revision !== "" ? `Reconciled revision ${revision}` : "Reconciled"
}

/** Tells of work on a generation that no status speaks of yet; repeated attempts write nothing. */
async function announce(self: Attempt): Promise<void> {
  const ready = findCondition(self.writer.status().conditions, "Ready")
  if (ready !== undefined && ready.observedGeneration === self.generation) return
  await judge(self, { type: "progressing", message: "Reconciling" })
}

async function finalizeObject(object: KubeObject, self: Attempt): Promise<AttemptResult> {
  const { cluster, controller, hardStop } = self
  const { finalizer, name } = controller
  if (!hasFinalizer(object, finalizer)) return { type: "idle", why: "gone" }
  if (controller.finalize !== undefined) await run(parseWhatFits(object, controller.kind), self, "finalize")
  await removeFinalizer(cluster, self.writer.object(), { finalizer, fieldManager: name, signal: hardStop })
  return { type: "finished", outcome: {}, message: "Finalized", statusWritten: false }
}

async function run(resource: Resource, self: Attempt, verb: "reconcile" | "finalize"): Promise<Outcome | undefined> {
  const { cluster, live, signal, clock, writer, onEvent, onRefs } = self
  const context: ReconcileContext = { cluster, live, signal, clock, inventory: statusInventory(writer, onRefs) }
  const body = self.controller[verb]
  if (body === undefined) return undefined
  const onStatus = async (patch: StatusPatch): Promise<void> => {
    await writer.write((status) => ({ ...status, ...withoutOurs(patch) }))
  }
  const result = await drive(body(resource as never, context), { signal, onEvent, onStatus })
  return (result as Outcome | null | undefined) ?? undefined
}

/** Conditions, inventory and generation are kept by the runtime alone. */
function withoutOurs(patch: StatusPatch): StatusPatch {
  const { conditions: _conditions, inventory: _inventory, observedGeneration: _generation, ...rest } = patch
  return rest
}

async function judge(self: Attempt, verdict: Verdict, patch: StatusPatch = {}): Promise<boolean> {
  const { writer, clock, generation, requestedAt } = self
  const ended = verdict.type !== "progressing"
  return writer.write((status) => {
    const handled = ended && requestedAt !== undefined ? { lastHandledReconcileAt: requestedAt } : {}
    const next: ResourceStatus = { ...status, ...withoutOurs(patch), ...handled }
    return judgeStatus(next, verdict, { generation, now: new Date(clock.now()) })
  })
}

async function failed(self: Attempt, failure: Failure): Promise<AttemptResult> {
  const { code: reason, message, retryable } = failure
  try {
    await judge(self, { type: retryable ? "retrying" : "stalled", reason, message })
  } catch (error) {
    if (isClusterError(error, "NotFound")) return { type: "idle", why: "gone" }
    // The first failure is the one to tell of; that it could not be stored is added to it, and makes it worth a retry.
    const second = failureOf(error)
    const told = `${message} (and the status could not be written: ${second.message})`
    return { type: "failed", failure: { ...failure, message: told, retryable: true } }
  }
  return { type: "failed", failure }
}
