import type { Clock } from "@gitops-toolkit/kube"
import { formatTime } from "@gitops-toolkit/kube"
import type { TokenUser } from "../control-plane/api-server.ts"
import type { Registry } from "./resource.ts"
import type { Store } from "./store.ts"
import type { AutoReady } from "./workloads/options.ts"

/** Who sends what: one line of the server's log. */
export interface LoggedRequest {
  readonly method: string
  /** Path without query. */
  readonly path: string
  /** The verb of the API: `get`, `list`, `watch`, `apply`, …; empty for paths outside of resources. */
  readonly verb: string
  /** 0 as long as there is no answer, and when a fault swallowed it. */
  readonly status: number
}

/** Everything that one embedded API server is made of. */
export interface ServerState {
  readonly store: Store
  readonly registry: Registry
  readonly clock: Clock
  /** A number from 0 up to 1. */
  readonly random: () => number
  /** The time in RFC 3339, to the second. */
  readonly timestamp: () => string
  readonly newUid: () => string
  /** Garbage collection and the life cycle of namespaces are played. */
  readonly controllers: boolean
  /** Whom the server knows; with nobody in it, everybody may do everything. */
  readonly users: readonly TokenUser[]
  /** How the workload controllers are played; undefined: they are not. */
  readonly autoReady: AutoReady | undefined
}

/** `timestamp` of a state: the clock's time to the second, remembered for as long as the second lasts. */
export function timestampOf(clock: Clock): () => string {
  let second = -1
  let text = ""
  return () => {
    const now = Math.floor(clock.now() / 1000)
    if (now !== second) {
      second = now
      text = formatTime(new Date(now * 1000))
    }
    return text
  }
}

/** A random UUID (version 4) from `random`. */
export function uidFrom(random: () => number): string {
  const digits = (count: number): string => {
    let text = ""
    for (let i = 0; i < count; i++) text += Math.floor(random() * 16).toString(16)
    return text
  }
  const variant = "89ab"[Math.floor(random() * 4)]!
  return `${digits(8)}-${digits(4)}-4${digits(3)}-${variant}${digits(3)}-${digits(12)}`
}
