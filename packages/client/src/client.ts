import type { Transport } from "@gitops-toolkit/http"
import {
  groupOf,
  isClusterError,
  isKubeObject,
  ClusterError,
  refOf,
  steps,
  systemClock,
  type Clock,
  type Cluster,
  type KindInfo,
  type KindRef,
  type KubeObject,
  type ObjectRef,
  type WriteOptions,
} from "@gitops-toolkit/kube"
import { createDiscovery, type Discovery } from "./discovery.ts"
import { parseAnswer, recordOf, textOf, type Subject } from "./error.ts"
import { impersonationHeaders, type Impersonation } from "./impersonate.ts"
import { listPages } from "./list.ts"
import * as requests from "./request.ts"
import { observeRequests, type RequestRecord } from "./observe.ts"
import { watchForever } from "./watch.ts"
import { createWire, type SendOptions, type Wire } from "./wire.ts"

/** Options of `createClient`. */
export interface ClientOptions {
  /** How requests reach the server: `createHttpTransport(…)`, or an embedded server's. */
  readonly transport: Transport
  /** Who writes, where a call does not say; default `gitops-toolkit`. */
  readonly fieldManager?: string
  /** Default `gitops-toolkit`. */
  readonly userAgent?: string
  /** Impersonate this user; a text is a user's name. */
  readonly as?: string | Impersonation
  readonly clock?: Clock
  /** Numbers from 0 to below 1 for back-off and watch time-outs; default `Math.random`. */
  readonly random?: () => number
  /** Called once for every request that was sent: for metrics and for tests that count. Must not throw. */
  readonly onRequest?: (record: RequestRecord) => void
}

interface Connection {
  readonly wire: Wire
  readonly discovery: Discovery
  readonly fieldManager: string
  readonly clock: Clock
  readonly random: () => number
}

/**
 * A `Cluster` over a transport. Makes no request by itself: discovery is asked for at the first use.
 *
 * Objects are the server's JSON (integers beyond 2^53 as `bigint`). Writes carry a field manager and
 * `fieldValidation=Strict`. Requests have a deadline per try and are tried up to five times: after 429 always, after
 * broken connections, 503 and 504 when sending twice does no harm (reads, update, apply, merge patches, deletions
 * with a uid). A watch's signal ends it without an error; every other call rejects with the signal's reason.
 *
 * @example
 * const cluster = createClient({ transport: createHttpTransport({ url: "http://127.0.0.1:8080" }) })
 */
export function createClient(options: ClientOptions): Cluster {
  const { fieldManager = "gitops-toolkit", userAgent = "gitops-toolkit", as, onRequest } = options
  const { clock = systemClock, random = Math.random } = options
  const transport = onRequest ? observeRequests(options.transport, onRequest) : options.transport
  const headers = { "user-agent": userAgent, ...(as !== undefined && impersonationHeaders(as)) }
  const wire = createWire({ transport, headers, clock, random })
  const discovery = createDiscovery(wire, clock)
  const connection = { wire: attentive(wire, discovery), discovery, fieldManager, clock, random }
  return { ...reads(connection), ...writes(connection), ...deletion(connection) }
}

function reads(connection: Connection): Pick<Cluster, "get" | "list" | "watch" | "kinds"> {
  const { wire, discovery, clock, random } = connection
  const context = { wire, clock, random, resolve: discovery.resolve }
  return {
    async get(ref, options = {}) {
      const kind = await discovery.resolve(ref, options)
      const request = requests.getRequest(kind, ref, options)
      const answer = await orAbsent(send(wire, request, { ...options, subject: ref }))
      return answer === undefined ? undefined : toObject(answer, ref)
    },
    list: (kind, options = {}) =>
      steps(async function* () {
        return yield* listPages(wire, await discovery.resolve(kind, options), options)
      }),
    watch: (kind, options = {}) => watchForever(context, kind, options),
    kinds: (options = {}) => discovery.catalog(options),
  }
}

function writes(connection: Connection): Pick<Cluster, "create" | "update" | "patch" | "apply"> {
  const write = async <Options extends WriteOptions>(
    ref: ObjectRef,
    given: Options | undefined,
    build: (kind: KindInfo, options: Options) => requests.ApiRequest,
  ): Promise<KubeObject> => {
    const options = { fieldManager: connection.fieldManager, ...given } as Options
    const kind = await connection.discovery.resolve(ref, options)
    const request = build(kind, options)
    const text = await send(connection.wire, request, { ...options, subject: ref })
    const object = toObject(text, ref)
    if (isDefinition(ref) && !options.dryRun) connection.discovery.expectChange(kindDefinedBy(object))
    return object
  }
  return {
    create: (object, options) =>
      write(refOf(object), options, (kind, all) => requests.createRequest(kind, object, all)),
    update: (object, options) =>
      write(refOf(object), options, (kind, all) => requests.updateRequest(kind, object, all)),
    patch: (ref, patch, options) =>
      write(ref, options, (kind, all) => requests.patchRequest(kind, ref, { ...all, patch })),
    apply: (object, options) => write(refOf(object), options, (kind, all) => requests.applyRequest(kind, object, all)),
  }
}

function deletion(connection: Connection): Pick<Cluster, "delete"> {
  const { wire, discovery } = connection
  return {
    async delete(ref, options = {}) {
      const kind = await discovery.resolve(ref, options)
      const request = requests.deleteRequest(kind, ref, options)
      const text = await orAbsent(send(wire, request, { ...options, subject: ref }))
      if (isDefinition(ref) && !options.dryRun) discovery.expectChange()
      const object = text === undefined ? undefined : parseAnswer(text, ref)
      return isKubeObject(object) && stays(object) ? object : undefined
    },
  }
}

async function send(
  wire: Wire,
  request: requests.ApiRequest,
  options: SendOptions & { readonly subject: Subject },
): Promise<string> {
  const { subject, signal, timeoutMs, onWarning } = options
  return (await wire.send(request, { subject, signal, timeoutMs, onWarning })).text
}

/** Absence is a value. */
async function orAbsent(work: Promise<string>): Promise<string | undefined> {
  try {
    return await work
  } catch (error) {
    if (isClusterError(error, "NotFound")) return undefined
    throw error
  }
}

/** A wire that tells discovery when a kind that it knew is not served any more. */
function attentive(wire: Wire, discovery: Discovery): Wire {
  const expire = (error: unknown): never => {
    if (isClusterError(error, "KindNotFound")) discovery.forget()
    throw error
  }
  return {
    send: (request, options) => wire.send(request, options).catch(expire),
    open: (request, options) => wire.open(request, options).catch(expire),
  }
}

const definitions = new Set(["apiextensions.k8s.io CustomResourceDefinition", "apiregistration.k8s.io APIService"])

function isDefinition({ apiVersion, kind }: KindRef): boolean {
  return definitions.has(`${groupOf(apiVersion)} ${kind}`)
}

function kindDefinedBy(object: KubeObject): { readonly group: string; readonly kind: string } | undefined {
  const spec = recordOf(object.spec)
  const kind = textOf(recordOf(spec?.["names"])?.["kind"])
  return kind === "" ? undefined : { group: textOf(spec?.["group"]), kind }
}

/** Whether an object that a DELETE answered with is still there: held by finalizers or a grace period. */
function stays(object: KubeObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, finalizers = [] } = object.metadata
  if (object.kind === "Status" || deletionTimestamp === undefined) return false
  const held = recordOf(object.spec)?.["finalizers"]
  return finalizers.length > 0 || deletionGracePeriodSeconds > 0 || (Array.isArray(held) && held.length > 0)
}

function toObject(text: string, ref: ObjectRef): KubeObject {
  const object = parseAnswer(text, ref)
  if (!isKubeObject(object))
    throw new ClusterError("InternalError", `${ref.kind}: the answer is not an object`, { ref })
  return object
}
