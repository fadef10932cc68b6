import { NotifyError } from "../error.ts"
import { forges, readPayload, type Incoming, type ReceiverKind } from "./forges.ts"

/** What a webhook says. Treat it as a hint to look, never as the truth about what is there. */
export interface ReceivedEvent {
  readonly kind: ReceiverKind
  /** The event's name, such as `push`; empty when the kind has none. */
  readonly event: string
  /** The parsed JSON body; `undefined` when it is not JSON. */
  readonly payload: unknown
  readonly headers: { readonly [name: string]: string }
}

/** Options of `createReceiver`. */
export interface ReceiverOptions {
  readonly kind: ReceiverKind
  /** The shared secret. Kinds without a signature (`generic`, `quay`, `dockerhub`, `acr`, `cdevents`) rely on a secret path instead. */
  readonly secret?: string
  /** Events to take, without regard to case; absent or empty: all. */
  readonly events?: readonly string[]
  /** Called for each webhook that proved itself. The answer waits for it; a rejection is answered with 500. */
  readonly onPush: (event: ReceivedEvent) => void | Promise<void>
  /** The most that a body may hold, in bytes; default 3 MiB. */
  readonly maxBytes?: number
  /** The answer to events outside `events`: `accept` (200, nothing happens; default) or `reject` (400, as Flux does). */
  readonly otherEvents?: "accept" | "reject"
  /** Called when a webhook is refused or `onPush` fails; the answer itself says nothing about why. */
  readonly onError?: (error: unknown) => void
}

/** Answers one webhook. Never rejects. */
export type Receiver = (request: Request) => Promise<Response>

/**
 * Hears webhooks of forges and registries: a function of a `Request`, ready for any server. Signatures and tokens are
 * compared in constant time, bodies are bounded, answers have no body.
 *
 * 200 taken · 400 not authentic, or no event of this kind · 405 not a POST · 413 too large · 500 `onPush` failed.
 *
 * Throws `NotifyError` `InvalidConfig` for an unknown kind, and when the kind needs a secret and there is none.
 *
 * @example
 * const receive = createReceiver({ kind: "github", secret: "s3cret", events: ["push"], onPush: ({ payload }) => refresh(payload) })
 */
export function createReceiver(options: ReceiverOptions): Receiver {
  if (!Object.hasOwn(forges, options.kind)) throw new NotifyError("InvalidConfig", "the kind of receiver is unknown")
  if (needsSecret.has(options.kind) && !options.secret) {
    throw new NotifyError("InvalidConfig", `a receiver of kind ${options.kind} needs a secret`)
  }
  return async (request) => {
    try {
      return await answer(request, options)
    } catch (error) {
      options.onError?.(error)
      return status(500)
    }
  }
}

const needsSecret: ReadonlySet<ReceiverKind> = new Set<ReceiverKind>([
  "generic-hmac",
  "github",
  "gitlab",
  "bitbucket",
  "gitea",
  "harbor",
  "nexus",
])

const defaultMaxBytes = 3 * 1024 * 1024

async function answer(request: Request, options: ReceiverOptions): Promise<Response> {
  const { kind, secret = "", events = [], onPush, maxBytes = defaultMaxBytes } = options
  if (request.method !== "POST") return status(405)
  const body = await readBounded(request, maxBytes)
  if (body === undefined) return status(413)
  const forge = forges[kind]
  const incoming: Incoming = { header: (name) => request.headers.get(name) ?? "", body, secret }
  const refuse = (why: string): Response => {
    options.onError?.(new NotifyError("InvalidEvent", `${kind}: ${why}`))
    return status(400)
  }
  if (!forge.authenticate(incoming)) return refuse("the webhook is not authentic")
  const payload = readPayload(body, incoming.header("content-type"))
  if (forge.accepts && !forge.accepts(payload)) return refuse("the body has not the shape of this kind")
  const event = forge.event?.(incoming) ?? ""
  if (forge.event && events.length > 0 && !events.some((name) => name.toLowerCase() === event.toLowerCase())) {
    return options.otherEvents === "reject" ? refuse("the event is not in the list") : status(200)
  }
  await onPush({ kind, event, payload, headers: Object.fromEntries(request.headers) })
  return status(200)
}

function status(code: number): Response {
  return new Response(null, { status: code })
}

/** The body, or `undefined` when it is larger; nothing beyond the limit is read. */
async function readBounded(request: Request, maxBytes: number): Promise<Uint8Array | undefined> {
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) return undefined
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength
    if (size > maxBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
