import { HealthError, settle, type HealthEvent } from "@gitops-toolkit/health"
import { kindKeyOf, messageOf, systemClock, type Clock, type Cluster, type ObjectRef } from "@gitops-toolkit/kube"
import type { ObjectFailure } from "../error.ts"
import type { PlanEntry } from "../entry.ts"

/** How the end of a stage is waited for. */
export interface WaitStageOptions {
  /** What later stages write: the kinds among it that this stage defines must be served. */
  readonly later: readonly PlanEntry[]
  readonly stageTimeoutMs?: number
  readonly clock?: Clock | undefined
  readonly signal?: AbortSignal | undefined
}

/** What the wait for a stage reports. */
export type WaitStageEvent =
  | { readonly type: "apply.waiting"; readonly refs: readonly ObjectRef[] }
  | Extract<HealthEvent, { readonly type: "health.changed" }>

/** Waits until the objects of a stage are ready and the kinds they define are served; what is late, as failures. */
export async function* waitForStage(
  cluster: Cluster,
  entries: readonly PlanEntry[],
  options: WaitStageOptions,
): AsyncGenerator<WaitStageEvent, readonly ObjectFailure[], void> {
  const { stageTimeoutMs: timeoutMs = 60_000, clock = systemClock, signal } = options
  const refs = entries.map(({ ref }) => ref)
  if (refs.length === 0) return []
  const deadline = clock.now() + timeoutMs
  yield { type: "apply.waiting", refs }
  try {
    // The server is asked itself: definitions and classes are few, and their caches seldom kept.
    // That a stage is ready says nothing of the whole: only the way there is told.
    for await (const event of settle(cluster, refs, { timeoutMs, intervalMs: 250, clock, signal })) {
      if (event.type === "health.changed") yield event
    }
  } catch (error) {
    if (!(error instanceof HealthError)) throw error
    const late = error.report.objects.filter(({ health }) => health.status !== "Current")
    return late.map(({ ref, health }) => ({
      ref,
      code: error.code,
      message: health.message || messageOf(error),
      retryable: true,
    }))
  }
  return waitForKinds(cluster, options.later, { deadline, clock, signal })
}

// A definition is Established before every endpoint of the server serves its kind.
async function waitForKinds(
  cluster: Cluster,
  later: readonly PlanEntry[],
  { deadline, clock, signal }: { deadline: number; clock: Clock; signal: AbortSignal | undefined },
): Promise<readonly ObjectFailure[]> {
  const waiting = later.filter(({ waitsFor }) => waitsFor?.kind === "CustomResourceDefinition")
  for (let pauseMs = 50; waiting.length > 0; pauseMs = Math.min(1000, pauseMs * 2)) {
    const { kinds } = await cluster.kinds({ refresh: true, signal })
    const served = new Set(kinds.map(kindKeyOf))
    const missing = waiting.filter(({ ref }) => !served.has(kindKeyOf(ref)))
    if (missing.length === 0) break
    if (clock.now() >= deadline) {
      const message = "its kind is not served, although its definition is established"
      return missing.map(({ ref }) => ({ ref, code: "KindNotFound", message, retryable: true }))
    }
    await clock.sleep(pauseMs, { signal })
  }
  return []
}
