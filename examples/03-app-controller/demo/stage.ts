// The stage of the story: the controller runs here, its events are kept, told and waited for.
import type { ControllerEvent, Observer } from "@gitops-toolkit/controller"
import { formatRef, isClusterError, type Cluster, type KubeObject, type ObjectRef } from "@gitops-toolkit/kube"
import type { Line, Narrator } from "./narrate.ts"

/** Waits this long at most for anything that must happen. */
const patienceMs = 30_000

/** What the controller told so far, and a way to wait for what comes. */
export interface Stage {
  readonly observer: Observer
  readonly events: readonly ControllerEvent[]
  /** Resolves with the first event from `since` on that fits. */
  next(
    fits: (event: ControllerEvent) => boolean,
    options: { readonly since: number; readonly what: string },
  ): Promise<ControllerEvent>
}

/** A stage whose happenings the narrator tells. */
export function createStage(narrator: Narrator): Stage {
  const events: ControllerEvent[] = []
  const wakers = new Set<() => void>()
  return {
    events,
    observer: (event) => {
      events.push(event)
      const line = lineOf(event)
      if (line) narrator.tell(line)
      if (event.type === "reconcile.failed" && typeof event["frame"] === "string") narrator.quote(event["frame"])
      for (const wake of wakers) wake()
    },
    next(fits, { since, what }) {
      return new Promise((resolve, reject) => {
        const look = (): void => {
          const found = events.slice(since).find(fits)
          if (!found) return
          clearTimeout(timer)
          wakers.delete(look)
          resolve(found)
        }
        const timer = setTimeout(() => reject(new Error(`waited ${patienceMs / 1000} s for ${what}`)), patienceMs)
        wakers.add(look)
        look()
      })
    },
  }
}

const isRef = (value: unknown): value is ObjectRef => typeof value === "object" && value !== null && "kind" in value

/** How an event is told; undefined for those that would only repeat. */
function lineOf(event: ControllerEvent): Line | undefined {
  const subject = isRef(event["ref"]) ? event["ref"] : event.controller
  const text = (field: string): string => String(event[field] ?? "")
  switch (event.type) {
    case "source.resolved":
      return { subject: "repository", action: text("revision"), style: "cyan" }
    case "apply.done":
      return text("action") === "unchanged" ? undefined : { subject, action: text("action"), style: "green" }
    case "prune.done":
      return { subject, action: text("action") || "deleted", style: "magenta" }
    case "health.changed": {
      const health = event["health"] as { status: string; message: string }
      if (event["previous"] === undefined && health.status === "Current") return undefined
      return { subject, action: `${health.status}: ${health.message}`, style: "dim" }
    }
    case "drift.seen":
      return { subject, action: `drift: ${text("change")} by ${text("manager") || "somebody"}`, style: "yellow" }
    case "reconcile.failed":
    case "finalize.failed":
      return { subject, action: `${text("reason")}: ${text("message")}`, style: "red" }
    case "reconcile.finished":
      return { subject, action: `${text("message")} (${Math.round(Number(event["durationMs"]))} ms)`, style: "blue" }
    case "finalize.finished":
      return { subject, action: "everything it owned is gone", style: "blue" }
    default:
      return undefined
  }
}

/** Asks until `look` gives something; each asking is one request of the people's connection. */
export async function eventually<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const end = performance.now() + patienceMs
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (performance.now() > end) throw new Error(`waited ${patienceMs / 1000} s for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** An object that must be there. */
export async function mustGet(cluster: Cluster, ref: ObjectRef): Promise<KubeObject> {
  const object = await cluster.get(ref)
  if (!object) throw new Error(`${formatRef(ref)} is not there`)
  return object
}

/** Creates an object unless it is there already. */
export async function ensure(cluster: Cluster, object: KubeObject): Promise<void> {
  try {
    await cluster.create(object)
  } catch (error) {
    if (!isClusterError(error, "AlreadyExists")) throw error
  }
}

/** Fails the demo, loudly, when something it claims is not so. */
export function claim(truth: boolean, text: string): asserts truth {
  if (!truth) throw new Error(`the demo claims that ${text}, and it is not so`)
}
