import { createFaultQueue } from "../fault-queue.ts"
import { systemClock, type Clock } from "@gitops-toolkit/kube"

/** Which requests a fault is for; a member that is absent fits every request. */
export interface GitFaultMatch {
  /** `advertise`, `ls-refs`, `fetch`, `receive`; over SSH also `login`, once for each connection. */
  readonly action?: string | readonly string[]
  /** The repository's name. A `login` is for no repository. */
  readonly repository?: string
  readonly over?: "http" | "ssh"
}

/**
 * What goes wrong:
 *
 * - `unauthorized`: 401; over SSH the key is refused (`login`), or the command is denied.
 * - `status`: answers this status; over SSH the command fails with a message that names it.
 * - `stall`: says nothing any more after `afterBytes` bytes of the answer (default 0), and stays open.
 * - `truncate`: the answer ends in good order after `afterBytes` bytes (default: half of them).
 * - `corrupt`: the byte at `atByte` of the answer (default: the middle one) has all its bits turned over.
 * - `disconnect`: the connection breaks after `afterBytes` bytes of the answer (default 0).
 * - `slow`: the answer comes after `delayMs` of the server's clock.
 *
 * After `unauthorized` and `status` nothing was done; with the others a push was carried out, and only its answer
 * suffers. A login suffers `unauthorized`, `stall`, `disconnect` and `slow`.
 */
export type GitFault = GitRefusal | GitAnswerFault

/** A fault that stands in for the answer. */
export type GitRefusal =
  | { readonly type: "unauthorized" }
  | { readonly type: "status"; readonly status: number; readonly retryAfterSeconds?: number }

/** A fault that spoils the answer. */
export type GitAnswerFault =
  | { readonly type: "stall" | "truncate" | "disconnect"; readonly afterBytes?: number }
  | { readonly type: "corrupt"; readonly atByte?: number }
  | { readonly type: "slow"; readonly delayMs: number }

/** How often and when a fault happens. */
export interface GitFaultPlan {
  readonly match?: GitFaultMatch
  readonly fault: GitFault
  /** How many requests it hits; default 1. */
  readonly times?: number
  /** How many requests that fit go through before; default 0. */
  readonly after?: number
}

/** The faults of a git server: the same shape as those of a cluster. */
export interface GitFaults {
  /** Plans a fault; returns what takes it back. */
  add(plan: GitFaultPlan): () => void
  /** Takes all of them back. */
  clear(): void
}

/** What a fault is matched with. */
export interface GitFaultSubject {
  readonly action: string
  readonly repository?: string | undefined
  readonly over: "http" | "ssh"
}

/** Takes the fault that is due for a request, if one is. */
export type TakeGitFault = (subject: GitFaultSubject) => GitFault | undefined

/** No faults yet, and the function that takes those that are planned. */
export function createGitFaults(): { readonly faults: GitFaults; readonly take: TakeGitFault } {
  const queue = createFaultQueue<GitFault, GitFaultPlan>()
  return {
    faults: { add: queue.add, clear: queue.clear },
    take: (subject) => queue.take((plan) => fits(plan, subject)),
  }
}

const loginFaults: readonly GitFault["type"][] = ["unauthorized", "stall", "disconnect", "slow"]

function fits({ match = {}, fault }: GitFaultPlan, { action, repository, over }: GitFaultSubject): boolean {
  if (action === "login" && !loginFaults.includes(fault.type)) return false
  const actions = match.action === undefined ? undefined : [match.action].flat()
  if (actions && !actions.includes(action)) return false
  if (match.repository !== undefined && match.repository !== repository) return false
  return match.over === undefined || match.over === over
}

/** Whether a fault stands in for the answer. */
export function isRefusal(fault: GitFault): fault is GitRefusal {
  return fault.type === "unauthorized" || fault.type === "status"
}

/** Options of `spoil`. */
export interface SpoilOptions {
  readonly sleep?: Clock["sleep"] | undefined
  /** Ends what stalls or is slow. */
  readonly signal?: AbortSignal | undefined
}

/** An answer's bytes as a fault lets them through. Throws an `Error` with the code `ECONNRESET` where it disconnects. */
export async function* spoil(
  fault: GitAnswerFault,
  bytes: Buffer,
  { sleep = systemClock.sleep, signal }: SpoilOptions = {},
): AsyncGenerator<Buffer, void, void> {
  switch (fault.type) {
    case "slow":
      await sleep(fault.delayMs, { signal })
      yield bytes
      return
    case "corrupt":
      yield turned(bytes, fault.atByte ?? Math.floor(bytes.length / 2))
      return
    case "truncate":
      yield bytes.subarray(0, fault.afterBytes ?? Math.floor(bytes.length / 2))
      return
    default:
      if (fault.afterBytes) yield bytes.subarray(0, fault.afterBytes)
      if (fault.type === "stall") await stall(signal)
      throw brokenConnection()
  }
}

/** The error of a connection that a fault breaks. */
export function brokenConnection(): Error {
  return Object.assign(new Error("socket hang up (a planned fault)"), { code: "ECONNRESET" })
}

function turned(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes)
  if (at < copy.length) copy[at]! ^= 0xff
  return copy
}

function stall(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error)
    signal?.addEventListener("abort", () => reject(signal.reason as Error), { once: true })
  })
}
