import {
  createFetcher,
  isHttpError,
  parseRetryAfter,
  type EgressPolicy,
  type FetchedResponse,
  type Fetcher,
} from "@gitops-toolkit/http"
import { messageOf, redactText } from "@gitops-toolkit/kube"
import { NotifyError } from "./error.ts"
import type { Notification } from "./notification.ts"

/** A way to tell people or programs. */
export interface Channel extends AsyncDisposable {
  /** What errors and logs call it: `slack`. */
  readonly name: string
  /** Resolves when the other side has taken the message; rejects with `NotifyError` `DeliveryFailed`. Tries once. */
  send(notification: Notification, options?: { readonly signal?: AbortSignal | undefined }): Promise<void>
}

/** Options that all channels over HTTP share. */
export interface HttpChannelOptions {
  /** Sends the requests; default: one of the channel's own, closed with it. */
  readonly fetcher?: Fetcher
  /** What the channel's own fetcher may reach; default everything. Use `publicAddressesOnly()` for URLs that tenants write. */
  readonly egress?: EgressPolicy
  /** Deadline of each request in milliseconds; default 15,000. */
  readonly timeoutMs?: number
}

/** One request of a channel. */
export interface ChannelRequest {
  /** Default `POST`. */
  readonly method?: "POST" | "PUT" | "GET" | "PATCH"
  readonly url: string
  readonly headers?: { readonly [name: string]: string }
  /** A text is sent as it is; anything else as JSON. */
  readonly body?: unknown
}

/** How `createHttpChannel` makes requests of notifications. */
export interface HttpChannelDefinition {
  readonly name: string
  /** The requests in order; none when this notification is not for the channel. Pure. */
  readonly requestsFor: (notification: Notification) => readonly ChannelRequest[]
  /** Called with the text of a 2xx answer; a returned text is the reason why it is a failure after all. */
  readonly refusalIn?: (text: string) => string | undefined
}

/**
 * A channel of one or more HTTP requests a message: JSON by default, any 2xx answer is good. Server errors, 408, 425, 429 and
 * broken connections are `retryable`, all else is not.
 *
 * @example
 * const echo = createHttpChannel({ name: "echo", requestsFor: (n) => [{ url: "https://example.com", body: n.message }] })
 */
export function createHttpChannel(definition: HttpChannelDefinition, options: HttpChannelOptions = {}): Channel {
  const { name, requestsFor, refusalIn } = definition
  const sender = createSender(name, options)
  return {
    name,
    async send(notification, { signal } = {}) {
      for (const request of requestsFor(notification)) {
        const { status, text } = await sender.send(request, { signal })
        const refusal = refusalIn?.(text)
        if (refusal !== undefined) throw deliveryFailed(name, refusal, { status })
      }
    },
    [Symbol.asyncDispose]: () => sender[Symbol.asyncDispose](),
  }
}

/** Sends a channel's requests, for channels that need the answers. */
export interface Sender extends AsyncDisposable {
  /** The answer, when its status is 2xx or one of `alsoGood`. Rejects with `NotifyError` `DeliveryFailed`. Tries once. */
  send(
    request: ChannelRequest,
    options?: { readonly signal?: AbortSignal | undefined; readonly alsoGood?: readonly number[] },
  ): Promise<{ readonly status: number; readonly text: string }>
}

/**
 * A sender whose errors bear the channel's name. No redirect is followed: a webhook's secret stays with its host. Disposing
 * it closes a fetcher of its own, never a given one.
 *
 * @example
 * await using sender = createSender("pager", { timeoutMs: 5000 })
 * const { status, text } = await sender.send({ url: "https://pager.acme.example/api/pages", body: { team: "web" } }, { signal })
 */
export function createSender(name: string, options: HttpChannelOptions = {}): Sender {
  const { egress, timeoutMs = 15_000 } = options
  const own = options.fetcher ? undefined : createFetcher(egress ? { egress } : {})
  const fetcher = options.fetcher ?? own!
  return {
    async send(request, { signal, alsoGood = [] } = {}) {
      const { method = "POST", url, headers = {}, body } = request
      const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body)
      const type: { readonly [name: string]: string } = text === undefined ? {} : { "content-type": "application/json" }
      const response = await fetcher(url, {
        method,
        headers: { ...type, ...lowerCased(headers) },
        ...(text === undefined ? {} : { body: text }),
        timeoutMs,
        maxBytes: maxAnswerBytes,
        maxRedirects: 0,
        attempts: 1,
        signal,
      }).catch((cause: unknown) => {
        if (signal?.aborted) throw cause
        throw deliveryFailed(name, messageOf(cause), { cause, retryable: isHttpError(cause) ? cause.retryable : true })
      })
      // What an answer says beyond its status matters to few, so a broken body is no failure.
      const answer = await response.text().catch(() => "")
      const { status } = response
      if ((status >= 200 && status < 300) || alsoGood.includes(status)) return { status, text: answer }
      throw refused(name, answer, response)
    },
    async [Symbol.asyncDispose]() {
      await own?.[Symbol.asyncDispose]()
    },
  }
}

const maxAnswerBytes = 1024 * 1024

function refused(name: string, answer: string, { status, headers }: FetchedResponse): NotifyError {
  const retryAfterMs = parseRetryAfter(headers["retry-after"]?.[0], Date.now())
  const retryable = status >= 500 || status === 429 || status === 408 || status === 425
  const options = { status, retryable, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }
  return deliveryFailed(name, `status ${status}: ${answer.slice(0, 200)}`, options)
}

/** The error of a message that was not taken; tokens in `detail` are masked. */
export function deliveryFailed(
  channel: string,
  detail: string,
  options: ConstructorParameters<typeof NotifyError>[2] = {},
): NotifyError {
  return new NotifyError("DeliveryFailed", `${channel} did not take the message: ${redactText(detail)}`, options)
}

function lowerCased(headers: { readonly [name: string]: string }): { readonly [name: string]: string } {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

/** The URL, when it is one of http or https. Throws `NotifyError` `InvalidConfig`, which does not quote it. */
export function checkUrl(channel: string, url: string): URL {
  const parsed = URL.parse(url)
  if (parsed && (parsed.protocol === "https:" || parsed.protocol === "http:")) return parsed
  throw new NotifyError("InvalidConfig", `${channel} needs an http or https URL`)
}

/** The text, when it is not empty. Throws `NotifyError` `InvalidConfig`. */
export function checkText(text: string | undefined, what: string): string {
  if (text !== undefined && text !== "") return text
  throw new NotifyError("InvalidConfig", `${what} cannot be empty`)
}

/** The `Authorization` header for a user name and password. */
export function basicAuthorization(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`
}
