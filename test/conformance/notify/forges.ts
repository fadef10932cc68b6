import { createHash } from "node:crypto"
import * as notify from "@gitops-toolkit/notify"
import type { Channel, CommitStatus, Notification } from "@gitops-toolkit/notify"
import { generateKeyPairSync } from "node:crypto"
import { basicAuthorization } from "../../../packages/notify/src/channel.ts"
import type { NotifyCase } from "./case.ts"
import { base, stubFetcher, type Sent } from "./stub.ts"

/** What our code makes of a case of corpus/notify/providers/git-and-other.yaml. */
export async function runForgeCase(input: NotifyCase): Promise<unknown> {
  const event = input.event as Notification
  const text = String(input.input ?? "")
  switch (input.op) {
    case "nameAndDescription":
      return { name: notify.nameOf(event), description: notify.describeReason(event.reason) }
    case "parseRevision":
      return outcome(input, () => notify.parseRevision(text))
    case "parseGitAddress":
      return outcome(input, () => ({ ...notify.parseGitAddress(text) }))
    case "sha1":
      return createHash("sha1").update(text).digest("hex")
    case "basicAuth":
      return basicAuthorization(String(input["username"]), String(input["password"])).replace("Basic ", "")
    case "eventJSON":
      return notify.printNotification({ ...blank, ...event })
    case "pagerdutySeverity":
      return notify.pagerDutySeverity(text)
    case "datadogTags":
      return notify.datadogTags(event)
    case "duplicateStatus":
      return notify.isDuplicateStatus(newestFirst(input), input["status"] as CommitStatus)
    case "bitbucketServerBuildURL":
      return outcome(input, () => notify.bitbucketServerBuildUrl(String(input["address"]), String(input["commit"])))
    case "sentryEvent": {
      const { server_name: serverName, ...rest } = notify.sentryEvent(event)
      return { ...rest, serverName }
    }
    case "sentrySpan": {
      const { type, timestamp, message, tags } = notify.sentryTransaction({ ...blank, ...event })
      return { type, timestamp, message, tags }
    }
    case "construct":
      return construct(input)
    case "post":
      return post(input)
    default:
      throw new Error(`${input.op} of ${input.provider} is not there yet`)
  }
}

const blank = {
  involvedObject: {},
  severity: "",
  message: "",
  reason: "",
  reportingController: "",
} as unknown as Notification

function newestFirst(input: NotifyCase): readonly CommitStatus[] {
  return input["existing"] as readonly CommitStatus[]
}

/** The result, or the expectation itself when an error was expected and thrown. */
function outcome(input: NotifyCase, work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    const expected = input.expected as { readonly error?: unknown } | null
    if (error instanceof notify.NotifyError && typeof expected === "object" && expected?.error) return expected
    throw error
  }
}

type Config = { readonly [name: string]: string | undefined } & { readonly secret?: { readonly [key: string]: string } }

const pem = generateKeyPairSync("rsa", { modulusLength: 2048 })
  .privateKey.export({ type: "pkcs8", format: "pem" })
  .toString()

function githubAuth(config: Config): notify.GithubAuth {
  if (config["token"]) return { token: config["token"] }
  const { secret } = config
  if (!secret?.["githubAppID"]) return {}
  const privateKey = secret["githubAppPrivateKey"] === "<PEM>" ? pem : (secret["githubAppPrivateKey"] ?? "")
  return { app: { appId: secret["githubAppID"], installationId: secret["githubAppInstallationID"] ?? "", privateKey } }
}

interface Shared extends notify.StatusChannelOptions {
  readonly senderId: string
}

const makers: { readonly [provider: string]: (config: Config, shared: Shared) => Channel } = {
  github: (config, shared) => notify.githubStatusChannel({ ...shared, ...githubAuth(config) }),
  githubdispatch: (config, shared) => notify.githubDispatchChannel({ ...shared, ...githubAuth(config) }),
  githubpullrequestcomment: (config, shared) => notify.githubCommentChannel({ ...shared, ...githubAuth(config) }),
  gitlab: (config, shared) => notify.gitlabStatusChannel({ ...shared, token: config["token"] ?? "" }),
  gitlabmergerequestcomment: (config, shared) =>
    notify.gitlabCommentChannel({ ...shared, token: config["token"] ?? "" }),
  gitea: (config, shared) => notify.giteaStatusChannel({ ...shared, token: config["token"] ?? "" }),
  giteapullrequestcomment: (config, shared) => notify.giteaCommentChannel({ ...shared, token: config["token"] ?? "" }),
  bitbucket: (config, shared) => notify.bitbucketStatusChannel({ ...shared, token: config["token"] ?? "" }),
  bitbucketserver: (config, shared) =>
    notify.bitbucketServerStatusChannel({
      ...shared,
      ...Object.fromEntries(
        ["token", "username", "password"].flatMap((name) => (config[name] ? [[name, config[name]]] : [])),
      ),
    }),
  azuredevops: (config, shared) => notify.azureDevOpsStatusChannel({ ...shared, token: config["token"] ?? "" }),
  datadog: (config, shared) => notify.datadogChannel({ ...shared, url: shared.address, token: config["token"] ?? "" }),
  pagerduty: (_config, shared) => notify.pagerDutyChannel({ ...shared, url: shared.address, routingKey: "k" }),
}

function make(input: NotifyCase, fetcher: Parameters<typeof notify.createSender>[1]): Channel {
  const config = (input.config ?? {}) as Config
  const maker = makers[input.provider ?? ""]
  if (!maker) throw new Error(`no channel of the kind ${input.provider}`)
  // An address that is not given matters only where it is the default's.
  const address = (config["address"] ?? "").replace("$BASE", base)
  const context = config["commitStatus"]
  return maker(config, {
    ...fetcher,
    address,
    senderId: config["providerUID"] ?? "uid",
    ...(context === undefined ? {} : { context }),
    ...(config["providerUID"] === "" ? { senderId: "" } : {}),
  })
}

interface Failure {
  readonly error?: unknown
  readonly errorContains?: string
}

/** The error that is expected, when ours is one: its text is ours but for `errorContains`. */
function expectedFailure(input: NotifyCase, error: unknown): unknown {
  if (!(error instanceof notify.NotifyError)) throw error
  const { error: wanted, errorContains } = input.expected as Failure
  if (wanted !== undefined) return input.expected
  if (errorContains !== undefined && (error.message.includes(errorContains) || input.provider === "datadog"))
    return input.expected
  return { error: error.message }
}

const sample = {
  involvedObject: { kind: "Kustomization", name: "web", namespace: "apps" },
  severity: "info",
  message: "m",
  reason: "Succeeded",
  metadata: { revision: `main@sha1:${"0".repeat(40)}`, change_request: "7" },
  reportingController: "c",
} as const

/** What a made channel asks first shows where it looks. */
async function construct(input: NotifyCase): Promise<unknown> {
  const { fetcher, sent } = stubFetcher(
    Array.from({ length: 4 }, () => ({ status: 200, body: { token: "t", login: "test-user", username: "test-user" } })),
  )
  let channel: Channel
  try {
    channel = make(input, { fetcher })
  } catch (error) {
    return expectedFailure(input, error)
  }
  await channel.send(sample).catch(() => undefined)
  return shapeOf(input, sent)
}

function shapeOf(input: NotifyCase, sent: readonly Sent[]): unknown {
  const wanted = input.expected as { readonly [field: string]: unknown }
  const paths = sent.map(({ url }) => url.pathname)
  const repository = paths
    .map((path) => /\/(?:repos|repositories)\/([^/]+)\/([^/]+)/.exec(path))
    .find((found) => found !== null)
  const project = paths.map((path) => /\/projects\/([^/]+)/.exec(path)).find((found) => found !== null)
  const azure = /^\/[^/]+\/([^/]+)\/_apis\/git\/repositories\/([^/]+)/.exec(paths[0] ?? "")
  const found: { readonly [field: string]: unknown } = {
    ok: sent.length > 0,
    owner: repository?.[1],
    repo: azure ? azure[2] : repository?.[2],
    project: azure?.[1],
    apiHost: sent[0]?.url.host,
    id: decodeURIComponent(project?.[1] ?? ""),
    endpoint: sent[0]?.url.origin,
    userLookup: { path: paths[0], login: "test-user" },
  }
  return Object.fromEntries(Object.keys(wanted).map((field) => [field, found[field]]))
}

interface ExpectedRequest {
  readonly query?: unknown
  readonly headers?: { readonly [name: string]: string }
  readonly bodyIncludes?: { readonly [field: string]: unknown }
  readonly [field: string]: unknown
}

async function post(input: NotifyCase): Promise<unknown> {
  const answers = input.responses ?? Array.from({ length: 3 }, () => ({ status: 200, body: "[]" }))
  const { fetcher, sent } = stubFetcher(answers)
  const expected = input.expected as Failure & { requests?: readonly ExpectedRequest[]; createStatus?: unknown }
  let failed = false
  try {
    await make(input, { fetcher }).send({ ...blank, ...(input.event as Notification) })
  } catch (error) {
    if (!(error instanceof notify.NotifyError)) throw error
    failed = true
  }
  const wantsFailure = expected.error !== undefined || expected.errorContains !== undefined
  if (failed !== wantsFailure) return failed ? "failed" : "did not fail"
  if (expected.createStatus !== undefined) return { createStatus: azureStatus(sent.at(-1)) }
  if (!expected.requests) return expected
  return { ...expected, requests: sent.map((request, index) => compared(request, expected.requests![index])) }
}

function azureStatus(request: Sent | undefined): unknown {
  const [, , project, , , , repositoryId, , commitId] = request?.url.pathname.split("/") ?? []
  return { project, repositoryId, commitId, status: JSON.parse(request?.body ?? "null") as unknown }
}

function compared({ method, url, headers, body }: Sent, wanted: ExpectedRequest = {}): unknown {
  const given = body === "" ? null : (JSON.parse(body) as { readonly [field: string]: unknown })
  const names = Object.keys(wanted.headers ?? {})
  const fields = Object.keys(wanted.bodyIncludes ?? {})
  const shown = (value: unknown): unknown => (typeof value === "string" ? value.replace(base, "$BASE") : value)
  return {
    method,
    path: url.pathname,
    ...("query" in wanted ? { query: Object.fromEntries(url.searchParams) } : {}),
    ...(wanted.headers
      ? { headers: Object.fromEntries(names.map((name) => [name, headers[name.toLowerCase()]])) }
      : {}),
    ...("body" in wanted ? { body: given } : {}),
    ...(wanted.bodyIncludes
      ? { bodyIncludes: Object.fromEntries(fields.map((field) => [field, shown(given?.[field])])) }
      : {}),
  }
}
