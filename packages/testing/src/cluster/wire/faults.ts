import type { Transport, TransportRequest, TransportResponse } from "@gitops-toolkit/http"
import type { Clock } from "@gitops-toolkit/kube"
import { createFaultQueue } from "../../fault-queue.ts"
import { failureStatus } from "../answer.ts"
import { parameter, queryOf, type Target } from "./request.ts"
import { bodyOf, wireJson } from "./write.ts"

/** Which requests a fault is for; a member that is absent fits every request. */
export interface FaultMatch {
  /** `get`, `list`, `watch`, `create`, `update`, `patch`, `apply`, `delete`, `deletecollection`. */
  readonly verb?: string | readonly string[]
  readonly method?: string
  /** The plural: `deployments`. */
  readonly resource?: string
  readonly subresource?: string
  readonly namespace?: string
  readonly name?: string
  /** A part of the path. */
  readonly path?: string
}

/**
 * What goes wrong:
 *
 * - `status`: answers this status instead of doing anything (with `Retry-After` for `retryAfterSeconds`).
 * - `unreachable`: the connection is refused; nothing is done.
 * - `lost`: the request is carried out, but its answer is lost.
 * - `slow`: the answer comes after `delayMs` of the cluster's clock.
 * - `hang`: no answer ever comes; nothing is done.
 * - `conflict`: 409, as if somebody had been faster.
 * - `stale`: a get or list answers as of `revision`.
 * - `drop`: the watch's connection breaks after `afterEvents` events (default 0).
 * - `stall`: the watch says nothing any more after `afterEvents` events, and stays open.
 * - `expired`: the watch tells 410 in its stream.
 * - `halfClosed`: the body ends in the middle.
 */
export type Fault =
  | { readonly type: "status"; readonly status: number; readonly reason?: string; readonly retryAfterSeconds?: number }
  | { readonly type: "unreachable" | "lost" | "hang" | "conflict" }
  | BodyFault
  | { readonly type: "slow"; readonly delayMs: number }
  | { readonly type: "stale"; readonly resourceVersion: string }

/** What goes wrong with an answer's body. */
export type BodyFault =
  | { readonly type: "expired" }
  | { readonly type: "halfClosed" }
  | { readonly type: "drop" | "stall"; readonly afterEvents?: number }

/** How often and when a fault happens. */
export interface FaultPlan {
  readonly match?: FaultMatch
  readonly fault: Fault
  /** How many requests it hits; default 1. */
  readonly times?: number
  /** How many requests that fit go through before; default 0. */
  readonly after?: number
}

/** The faults of a cluster. */
export interface Faults {
  /** Plans a fault; returns what takes it back. */
  add(plan: FaultPlan): () => void
  /** Takes all of them back. */
  clear(): void
}

/** What a fault is matched with. */
export interface FaultSubject {
  readonly verb: string
  readonly target?: Target | undefined
}

/** Faults, and a transport that has them. */
export function createFaults(clock: Clock): {
  readonly faults: Faults
  wrap(serve: Transport, subjectOf: (request: TransportRequest) => FaultSubject): Transport
} {
  const queue = createFaultQueue<Fault, FaultPlan>()
  return {
    faults: { add: queue.add, clear: queue.clear },
    wrap: (serve, subjectOf) => (request) => {
      if (queue.isEmpty()) return serve(request)
      const subject = subjectOf(request)
      const fault = queue.take((plan) => fits(plan.match ?? {}, request, subject))
      return fault ? suffer(fault, request, { serve, clock }) : serve(request)
    },
  }
}

function fits(match: FaultMatch, request: TransportRequest, { verb, target }: FaultSubject): boolean {
  const isApply =
    verb === "patch" && String(request.headers?.["content-type"] ?? "").startsWith("application/apply-patch")
  const verbs = match.verb === undefined ? undefined : [match.verb].flat()
  if (verbs && !verbs.includes(verb) && !(isApply && verbs.includes("apply"))) return false
  if (match.method !== undefined && match.method !== request.method) return false
  if (match.path !== undefined && !request.path.includes(match.path)) return false
  const same = (wanted: string | undefined, found: string | undefined): boolean =>
    wanted === undefined || wanted === (found ?? "")
  return (
    same(match.resource, target?.plural) &&
    same(match.subresource, target?.subresource) &&
    same(match.namespace, target?.namespace) &&
    same(match.name, target?.name)
  )
}

interface Suffering {
  readonly serve: Transport
  readonly clock: Clock
}

const broken = (message: string): Error => Object.assign(new Error(message), { code: "ECONNRESET" })

async function suffer(
  fault: Fault,
  request: TransportRequest,
  { serve, clock }: Suffering,
): Promise<TransportResponse> {
  switch (fault.type) {
    case "status":
      return failed(fault.status, fault.reason ?? reasons[fault.status] ?? "", fault.retryAfterSeconds)
    case "conflict":
      return failed(409, "Conflict", undefined)
    case "unreachable":
      throw broken("connect ECONNREFUSED (a planned fault)")
    case "lost":
      await leave(await serve(request))
      throw broken("socket hang up (a planned fault)")
    case "hang":
      return hang(request.signal)
    case "slow":
      await clock.sleep(fault.delayMs, { signal: request.signal })
      return serve(request)
    case "stale":
      return serve(staleRequest(request, fault.resourceVersion))
    default:
      return breakBody(fault, await serve(request), request)
  }
}

const reasons: { readonly [status: number]: string } = {
  401: "Unauthorized",
  403: "Forbidden",
  404: "NotFound",
  409: "Conflict",
  410: "Expired",
  422: "Invalid",
  429: "TooManyRequests",
  500: "InternalError",
  503: "ServiceUnavailable",
  504: "Timeout",
}

function failed(code: number, reason: string, retryAfterSeconds: number | undefined): TransportResponse {
  const details = retryAfterSeconds === undefined ? {} : { details: { retryAfterSeconds } }
  const status = failureStatus({ code, reason, message: `a planned fault: ${reason}`, ...details })
  const retry = retryAfterSeconds === undefined ? {} : { "retry-after": [String(retryAfterSeconds)] }
  return {
    status: code,
    headers: { "content-type": ["application/json"], ...retry },
    body: bodyOf(wireJson(status)),
  }
}

async function leave({ body }: TransportResponse): Promise<void> {
  await body[Symbol.asyncIterator]().return?.(undefined)
}

function hang(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error)
    signal?.addEventListener("abort", () => reject(signal.reason as Error), { once: true })
  })
}

function staleRequest(request: TransportRequest, revision: string): TransportRequest {
  const query = (request.query ?? []).filter(([name]) => name !== "resourceVersion" && name !== "resourceVersionMatch")
  const stale = [...query, ["resourceVersion", revision], ["resourceVersionMatch", "Exact"]] as const
  return { ...request, query: stale }
}

function breakBody(
  fault: BodyFault,
  response: TransportResponse,
  { signal, query = [] }: TransportRequest,
): TransportResponse {
  const { body } = response
  const isWatch = parameter({ query: queryOf(query) }, "watch") !== undefined
  if (fault.type === "halfClosed") return { ...response, body: half(body) }
  if (!isWatch) return response
  if (fault.type === "expired") {
    const gone = failureStatus({ code: 410, reason: "Expired", message: "too old resource version (a planned fault)" })
    return { ...response, body: bodyOf(`${wireJson({ type: "ERROR", object: gone })}\n`) }
  }
  return { ...response, body: cut(body, { afterEvents: fault.afterEvents ?? 0, ending: fault.type, signal }) }
}

async function* half(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  for await (const chunk of body) {
    yield chunk.subarray(0, Math.floor(chunk.byteLength / 2))
    throw broken("other side closed (a planned fault)")
  }
}

interface Cut {
  readonly afterEvents: number
  readonly ending: "drop" | "stall"
  readonly signal: AbortSignal | undefined
}

async function* cut(
  body: AsyncIterable<Uint8Array>,
  { afterEvents, ending, signal }: Cut,
): AsyncGenerator<Uint8Array, void, void> {
  let events = 0
  if (events < afterEvents) {
    for await (const chunk of body) {
      yield chunk
      if (++events >= afterEvents) break
    }
  }
  if (ending === "stall") await hang(signal)
  throw broken("socket hang up (a planned fault)")
}
