import type { Fetcher } from "@gitops-toolkit/http"
import * as notify from "@gitops-toolkit/notify"
import type { Channel, Notification } from "@gitops-toolkit/notify"
import type { NotifyCase } from "./case.ts"
import { base, stubFetcher, type Sent } from "./stub.ts"

type Config = { readonly [name: string]: string | undefined }

const makers: { readonly [provider: string]: (config: Config, shared: { fetcher: Fetcher; url: string }) => Channel } =
  {
    slack: (config, shared) => notify.slackChannel({ ...shared, ...pick(config, "token", "channel", "username") }),
    discord: (config, shared) => notify.discordChannel({ ...shared, ...pick(config, "channel", "username") }),
    rocket: (config, shared) => notify.rocketChannel({ ...shared, ...pick(config, "channel", "username") }),
    msteams: (config, shared) =>
      notify.teamsChannel({
        ...shared,
        ...(config["schema"] ? { schema: config["schema"] as notify.TeamsSchema } : {}),
      }),
    googlechat: (_config, shared) => notify.googleChatChannel(shared),
    webex: (config, shared) =>
      notify.webexChannel({ ...shared, room: config["channel"] ?? "", token: config["token"] ?? "" }),
    telegram: (config, shared) =>
      notify.telegramChannel({ ...shared, chat: config["channel"] ?? "", token: config["token"] ?? "" }),
    lark: (_config, shared) => notify.larkChannel(shared),
    matrix: (config, shared) =>
      notify.matrixChannel({ ...shared, room: config["channel"] ?? "", token: config["token"] ?? "" }),
    zulip: (config, shared) =>
      notify.zulipChannel({
        ...shared,
        channel: config["channel"] ?? "",
        username: config["username"] ?? "",
        password: config["password"] ?? "",
      }),
    zoom: (config, shared) => notify.zoomChannel({ ...shared, token: config["token"] ?? "" }),
    alertmanager: (config, shared) =>
      notify.alertmanagerChannel({ ...shared, ...pick(config, "token", "username", "password") }),
    grafana: (config, shared) => notify.grafanaChannel({ ...shared, ...pick(config, "token", "username", "password") }),
    opsgenie: (config, shared) =>
      notify.opsgenieChannel({ ...shared, token: config["token"] ?? "", senderId: config["providerUID"] ?? "" }),
    pagerduty: (config, shared) => notify.pagerDutyChannel({ ...shared, routingKey: config["channel"] ?? "" }),
    incidentio: (config, shared) => notify.incidentIoChannel({ ...shared, token: config["token"] ?? "" }),
    generic: (config, shared) => notify.webhookChannel({ ...shared, ...headersOf(config) }),
    "generic-hmac": (config, shared) =>
      notify.webhookChannel({ ...shared, ...headersOf(config), secret: config["hmacKey"] ?? "" }),
  }

function pick(config: Config, ...names: readonly string[]): { [name: string]: string } {
  return Object.fromEntries(names.flatMap((name) => (config[name] === undefined ? [] : [[name, config[name]]])))
}

function headersOf(config: { readonly [name: string]: unknown }): { headers?: { [name: string]: string } } {
  return config["headers"] ? { headers: config["headers"] as { [name: string]: string } } : {}
}

interface Expected {
  readonly requests?: readonly ExpectedRequest[]
  readonly constructError?: string
  readonly errorContains?: string
  readonly postError?: unknown
  readonly schema?: string
}

interface ExpectedRequest {
  readonly method: string
  readonly path: string
  readonly query?: unknown
  readonly headers?: { readonly [name: string]: string }
  readonly body?: unknown
}

/** What our channels do with a case of corpus/notify/providers/chat.yaml, in the form of its `expected`. */
export async function runProviderCase(input: NotifyCase): Promise<unknown> {
  const expected = input.expected as Expected
  if (input.op === "transactionId") return notify.transactionIdOf(input.event as Notification)
  const config = (input.config ?? {}) as Config
  if (expected.schema) return { schema: notify.teamsSchemaOf(config["address"] ?? "") }
  const { fetcher, sent } = stubFetcher(input.response ? Array.from({ length: 3 }, () => input.response!) : [])
  const url = config["address"] ?? base
  const failure = await failureOf(async () => {
    const make = makers[input.provider ?? ""]
    if (!make) throw new Error(`no channel of the kind ${input.provider}`)
    const channel = make(config, { fetcher, url })
    if (!expected.constructError) await channel.send((input.event ?? sample) as Notification)
  })
  return describe(expected, { failure, sent, url, input })
}

const sample: Notification = {
  involvedObject: {},
  severity: "info",
  message: "m",
  reason: "r",
  reportingController: "c",
}

async function failureOf(work: () => Promise<void>): Promise<string | undefined> {
  try {
    await work()
    return undefined
  } catch (error) {
    if (error instanceof notify.NotifyError) return error.message
    throw error
  }
}

interface Outcome {
  readonly failure: string | undefined
  readonly sent: readonly Sent[]
  readonly url: string
  readonly input: NotifyCase
}

/** Our result in the terms of the expectation: texts of errors are ours, so failing at all is what counts for construction. */
function describe(expected: Expected, { failure, sent, url, input }: Outcome): unknown {
  if (expected.constructError !== undefined) {
    return failure === undefined ? "constructed without an error" : { ...expected }
  }
  const text = expected.errorContains
  if (text !== undefined && !failure?.includes(text)) return { error: failure ?? "none" }
  if (expected.postError !== undefined && failure === undefined) return "posted without an error"
  if (failure !== undefined && text === undefined && expected.postError === undefined) return { error: failure }
  const wanted = expected.requests
  if (wanted === undefined) return expected
  const requests = sent.map((request, index) => requestOf(request, wanted[index], { url, input }))
  return { ...expected, requests }
}

function requestOf(
  { method, url, headers, body }: Sent,
  wanted: ExpectedRequest | undefined,
  context: { readonly url: string; readonly input: NotifyCase },
): unknown {
  const names = Object.keys(wanted?.headers ?? {})
  const query = wanted?.query
  const search = typeof query === "string" ? url.search.slice(1) : Object.fromEntries(url.searchParams)
  return {
    method,
    path: decodeURIComponent(url.pathname),
    ...(query === undefined ? {} : { query: search }),
    ...(wanted?.headers
      ? { headers: Object.fromEntries(names.map((name) => [name, headers[name.toLowerCase()]])) }
      : {}),
    ...(wanted && "body" in wanted ? { body: comparable(bodyOf(body, headers), wanted.body, context.input) } : {}),
    ...Object.fromEntries(Object.entries(wanted ?? {}).filter(([name]) => !compared.has(name))),
  }
}

const compared = new Set(["method", "path", "query", "headers", "body"])

function bodyOf(text: string, headers: Sent["headers"]): unknown {
  if (headers["content-type"] === "application/x-www-form-urlencoded")
    return Object.fromEntries(new URLSearchParams(text))
  return JSON.parse(text)
}

/** Upstream's metadata comes in random order in some providers: there a body with the same parts in another order is equal. */
function comparable(got: unknown, wanted: unknown, input: NotifyCase): unknown {
  const loose = (value: unknown): unknown => {
    if (typeof value === "string") return value.split("\n").toSorted()
    if (Array.isArray(value))
      return value.map(loose).toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
    if (typeof value !== "object" || value === null) return value
    return Object.fromEntries(
      Object.entries(value)
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, item]) => [key, loose(item)]),
    )
  }
  const any = input.metadataOrder === "any"
  return any && JSON.stringify(loose(got)) === JSON.stringify(loose(wanted)) ? wanted : got
}
