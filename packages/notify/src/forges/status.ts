import { createSender, type Channel, type ChannelRequest, type HttpChannelOptions, type Sender } from "../channel.ts"
import {
  commitOf,
  describeReason,
  isDuplicateStatus,
  nameOf,
  parseGitAddress,
  type CommitStatus,
} from "../commit-status.ts"
import { NotifyError } from "../error.ts"
import type { Notification } from "../notification.ts"

/** Options that all channels of commit statuses share. */
export interface StatusChannelOptions extends HttpChannelOptions {
  /** The repository, as one clones it. */
  readonly address: string
  /** The name under which the statuses are kept; default `kind/name` of the object. See also `defaultCommitStatus`. */
  readonly context?: string | ((notification: Notification) => string)
}

/** How one forge keeps statuses. */
export interface StatusForge {
  readonly name: string
  readonly options: StatusChannelOptions
  /** The forge's words; without `progressing` such notifications are passed over. */
  readonly states: { readonly info: string; readonly error: string; readonly progressing?: string }
  /** Headers of every request. */
  readonly headers: (sender: Sender, signal: AbortSignal | undefined) => Promise<{ readonly [name: string]: string }>
  /** Asks for the statuses of a commit. */
  readonly list: (commit: string, status: CommitStatus) => ChannelRequest
  /** Reads them, the newest first. */
  readonly read: (text: string, status: CommitStatus, notification: Notification) => readonly CommitStatus[]
  /** Sets one. */
  readonly create: (commit: string, status: CommitStatus, notification: Notification) => ChannelRequest
}

/** A channel that sets the status of the commit that a notification names, unless the newest one says the same. */
export function createStatusChannel(forge: StatusForge): Channel {
  const { name, options, states } = forge
  if (options.context === "") throw new NotifyError("InvalidConfig", "commit status cannot be empty")
  const sender = createSender(name, options)
  return {
    name,
    async send(notification, { signal } = {}) {
      const state = stateOf(notification, states)
      if (state === undefined) return
      const { context = nameOf } = options
      const status: CommitStatus = {
        state,
        context: typeof context === "string" ? context : context(notification),
        description: describeReason(notification.reason),
      }
      const commit = commitOf(notification.metadata)
      const headers = await forge.headers(sender, signal)
      const asked = await sender.send(
        { method: "GET", ...withHeaders(forge.list(commit, status), headers) },
        { signal, alsoGood: [404] },
      )
      const existing = asked.status === 404 ? [] : readStatuses(forge, asked.text, [status, notification])
      if (isDuplicateStatus(existing, status)) return
      await sender.send(withHeaders(forge.create(commit, status, notification), headers), { signal })
    },
    [Symbol.asyncDispose]: () => sender[Symbol.asyncDispose](),
  }
}

function stateOf(notification: Notification, states: StatusForge["states"]): string | undefined {
  const { severity, reason } = notification
  if (reason === "Progressing") return states.progressing
  if (severity === "info" || severity === "error") return states[severity]
  throw new NotifyError("InvalidEvent", "only info and error can be commit statuses")
}

function readStatuses(
  forge: StatusForge,
  text: string,
  about: readonly [CommitStatus, Notification],
): readonly CommitStatus[] {
  try {
    return forge.read(text, ...about)
  } catch (cause) {
    throw new NotifyError("DeliveryFailed", `${forge.name}: the existing statuses cannot be read`, { cause })
  }
}

/** The request with further headers. */
export function withHeaders(request: ChannelRequest, headers: { readonly [name: string]: string }): ChannelRequest {
  return { ...request, headers: { ...headers, ...request.headers } }
}

/** A repository on a forge. */
export interface Repository {
  /** The forge: `https://github.com`. */
  readonly host: string
  readonly owner: string
  readonly name: string
}

/** The repository that an address names by owner and name. Throws `NotifyError` `InvalidConfig`. */
export function parseRepository(address: string): Repository {
  const { host, id } = parseGitAddress(address)
  const [owner = "", name = "", ...rest] = id.split("/")
  if (owner === "" || name === "" || rest.length > 0) {
    throw new NotifyError("InvalidConfig", `invalid repository id ${JSON.stringify(id)}`)
  }
  return { host, owner, name }
}

/** Parses a list of maps; anything else is an error, maps of another shape are left to the caller. */
export function parseMaps(text: string): readonly { readonly [field: string]: unknown }[] {
  const value: unknown = JSON.parse(text)
  if (!Array.isArray(value)) throw new SyntaxError("not a list")
  return value.filter(
    (item): item is { readonly [field: string]: unknown } => typeof item === "object" && item !== null,
  )
}
