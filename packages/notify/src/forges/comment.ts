import { createSender, type Channel, type ChannelRequest, type HttpChannelOptions, type Sender } from "../channel.ts"
import { printMarkdown } from "../channels/zulip.ts"
import { NotifyError } from "../error.ts"
import type { Notification } from "../notification.ts"
import { withHeaders } from "./status.ts"

/** Options that all channels of comments on change requests share. */
export interface CommentChannelOptions extends HttpChannelOptions {
  /** The repository, as one clones it. */
  readonly address: string
  /** Keeps the comments of several senders apart, and tells which are ours. */
  readonly senderId: string
}

/** A comment as it is on the forge. */
export interface ForgeComment {
  readonly id: string
  readonly author: string
  readonly body: string
}

/** How one forge keeps comments. */
export interface CommentForge {
  readonly name: string
  readonly options: CommentChannelOptions
  /** What the hidden marker begins with. */
  readonly keyPrefix: string
  readonly headers: (sender: Sender, signal: AbortSignal | undefined) => Promise<{ readonly [name: string]: string }>
  /** Who we are, as comments name their author, or how to ask. */
  readonly user: string | { readonly request: ChannelRequest; readonly read: (text: string) => string }
  /** Asks for the first comments of a change request, the oldest first. */
  readonly list: (number: number) => ChannelRequest
  readonly read: (text: string) => readonly ForgeComment[]
  readonly create: (number: number, body: string) => ChannelRequest
  readonly update: (number: number, comment: ForgeComment, body: string) => ChannelRequest
}

/**
 * A channel that keeps one comment for each object on the change request that the metadata key `change_request` names:
 * found again by a hidden marker and our own user, and edited.
 */
export function createCommentChannel(forge: CommentForge): Channel {
  const { name, options } = forge
  if (options.senderId === "") throw new NotifyError("InvalidConfig", "provider UID cannot be empty")
  const sender = createSender(name, options)
  let user = typeof forge.user === "string" ? forge.user : undefined
  return {
    name,
    async send(notification, { signal } = {}) {
      const number = changeRequestOf(notification)
      const headers = await forge.headers(sender, signal)
      const ask = async (request: ChannelRequest): Promise<string> =>
        (await sender.send(withHeaders(request, headers), { signal })).text
      if (typeof forge.user !== "string") user ??= forge.user.read(await ask({ method: "GET", ...forge.user.request }))
      const marker = markerOf(forge, notification)
      const body = `${marker}\n\n${printMarkdown(notification)}`
      const comments = forge.read(await ask({ method: "GET", ...forge.list(number) }))
      const ours = comments.find((comment) => comment.author === user && comment.body.includes(marker))
      await ask(ours ? forge.update(number, ours, body) : forge.create(number, body))
    },
    [Symbol.asyncDispose]: () => sender[Symbol.asyncDispose](),
  }
}

// Names of objects cannot hold `--`-and-`>`, so the marker cannot be left early.
function markerOf({ keyPrefix, options }: CommentForge, { involvedObject }: Notification): string {
  const { kind = "", namespace = "", name = "" } = involvedObject
  const key = [options.senderId, kind, namespace, name].join("/").replaceAll("-->", "")
  return `<!-- ${keyPrefix}:${key} -->`
}

function changeRequestOf({ metadata }: Notification): number {
  const text = metadata?.["change_request"] ?? ""
  if (!/^\d{1,15}$/.test(text)) throw new NotifyError("InvalidEvent", "missing or invalid change_request metadata")
  return Number(text)
}

/** The text at a path of keys in JSON; empty when it is not there. */
export function textAt(value: unknown, ...path: readonly string[]): string {
  let at = value
  for (const key of path)
    at = typeof at === "object" && at !== null ? (at as { readonly [key: string]: unknown })[key] : undefined
  return typeof at === "string" ? at : typeof at === "number" ? String(at) : ""
}
