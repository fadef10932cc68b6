import { keyOf, type Clock, type KubeObject, type LiveView, type ObjectRef } from "@gitops-toolkit/kube"
import { assess } from "../assess.ts"
import { inProgress, type Health } from "../health.ts"
import type { Rule } from "../rule.ts"
import type { HealthEvent, HealthReport, ObjectHealth, SettleTarget } from "../report.ts"
import { summarize } from "../summarize.ts"

/** One look at an object: what was there, or why nobody knows. */
export interface Seen {
  readonly ref: ObjectRef
  /** Absent: there is none, unless `health` says otherwise. */
  readonly object?: KubeObject | undefined
  /** A verdict in place of the rules'. */
  readonly health?: Health
}

/** The state of a wait: the last verdict on every target. */
export interface Judge {
  /** Takes a look into account; the event when it changed something. */
  see(seen: Seen): HealthEvent | undefined
  /** The targets that are neither `Current` nor `Failed` yet. */
  pending(): readonly SettleTarget[]
  counts(): { readonly failed: number; readonly pending: number }
  report(): Omit<HealthReport, "elapsedMs">
}

interface Options {
  readonly rules: readonly Rule[]
  readonly live: LiveView | undefined
  readonly clock: Clock
}

const notSeen: Health = inProgress("NotSeen", "not seen yet")

/** A judge that has seen nothing yet. */
export function createJudge(targets: readonly SettleTarget[], options: Options): Judge {
  const verdicts = new Map(targets.map((target) => [keyOf(target), { target, health: notSeen }]))
  const judge = (target: SettleTarget, { object, health }: Seen): Health => {
    if (health) return health
    if (object === undefined && target.mayVanish) return { status: "Current", message: "Resource is finished and gone" }
    if (object && isOlderThanOurWrite(object, options.live?.confirmed(target))) return notSeen
    return assess(object, options.rules, { now: options.clock.now() })
  }
  const isPending = ({ health }: { readonly health: Health }): boolean =>
    health.status !== "Current" && health.status !== "Failed"
  return {
    see(seen) {
      const verdict = verdicts.get(keyOf(seen.ref))
      if (!verdict) return undefined
      const { health: previous, target } = verdict
      const health = judge(target, seen)
      if (sameHealth(previous, health)) return undefined
      verdict.health = health
      // What is ready at first sight was not waited for: an unchanged application tells nothing.
      if (previous === notSeen && health.status === "Current") return undefined
      const event: HealthEvent = { type: "health.changed", ref: refOnly(target), health }
      return previous === notSeen ? event : { ...event, previous: previous.status }
    },
    pending: () => [...verdicts.values()].filter(isPending).map(({ target }) => target),
    counts() {
      let [failed, pending] = [0, 0]
      for (const verdict of verdicts.values()) {
        if (verdict.health.status === "Failed") failed++
        else if (isPending(verdict)) pending++
      }
      return { failed, pending }
    },
    report() {
      const objects: ObjectHealth[] = [...verdicts.values()].map(({ target, health }) => ({
        ref: refOnly(target),
        health,
      }))
      return { status: summarize(objects.map(({ health }) => health)), objects }
    },
  }
}

function refOnly({ apiVersion, kind, namespace, name }: ObjectRef): ObjectRef {
  return namespace === undefined ? { apiVersion, kind, name } : { apiVersion, kind, namespace, name }
}

function sameHealth(a: Health, b: Health): boolean {
  return a.status === b.status && a.reason === b.reason && a.message === b.message
}

// A cache that lags behind our own write still shows the old state, which may well be healthy.
function isOlderThanOurWrite(object: KubeObject, write: { readonly resourceVersion: string } | undefined): boolean {
  const seen = object.metadata.resourceVersion
  if (write === undefined || seen === undefined) return false
  if (!/^\d+$/.test(seen) || !/^\d+$/.test(write.resourceVersion)) return false
  return BigInt(seen) < BigInt(write.resourceVersion)
}
