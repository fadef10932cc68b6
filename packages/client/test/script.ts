import type { Transport, TransportRequest, TransportResponse } from "@gitops-toolkit/http"
import { HttpError, printQuery } from "@gitops-toolkit/http"

/** An answer of a scripted server: a status, a JSON value or text, pieces of a stream, or a failure. */
export interface Reply {
  readonly status?: number
  readonly headers?: { readonly [name: string]: readonly string[] }
  readonly body?: unknown
  /** Pieces of the body; an `Error` breaks the connection, `"hang"` waits for the signal. */
  readonly stream?: readonly (string | Error)[]
  /** No answer at all. */
  readonly failure?: Error
}

/** A transport that answers from a script and notes what it was asked. */
export interface Script {
  readonly transport: Transport
  readonly requests: TransportRequest[]
  /** `GET /api?x=1`, one a request, discovery left out. */
  lines(): string[]
}

/** Each line `METHOD /path` has its replies, used in order; the last one stays. Discovery knows some kinds by itself. */
export function script(replies: { readonly [line: string]: Reply | readonly Reply[] }): Script {
  const requests: TransportRequest[] = []
  const used = new Map<string, number>()
  const transport: Transport = async (request) => {
    requests.push(request)
    const line = `${request.method} ${request.path}`
    const list = [replies[line] ?? discovery[line] ?? notServed].flat() as readonly Reply[]
    const turn = used.get(line) ?? 0
    used.set(line, turn + 1)
    return respond(list[Math.min(turn, list.length - 1)]!, request)
  }
  const isDiscovery = ({ path }: TransportRequest): boolean => path === "/api" || path === "/apis"
  const print = ({ method, path, query }: TransportRequest): string =>
    `${method} ${path}${decodeURIComponent(printQuery(query))}`
  return { transport, requests, lines: () => requests.filter((request) => !isDiscovery(request)).map(print) }
}

function respond(reply: Reply, request: TransportRequest): TransportResponse {
  if (reply.failure) throw reply.failure
  const { status = 200, headers = {}, body = "", stream } = reply
  const pieces = stream ?? [typeof body === "string" ? body : JSON.stringify(body)]
  return {
    status,
    headers: { "content-type": ["application/json"], ...headers },
    body: streamOf(pieces, request.signal),
  }
}

async function* streamOf(
  pieces: readonly (string | Error)[],
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) {
    if (piece instanceof Error) throw piece
    if (piece === "hang") {
      await new Promise((_, reject) => {
        if (signal?.aborted) reject(signal.reason as Error)
        signal?.addEventListener("abort", () => reject(signal.reason as Error), { once: true })
      })
    }
    yield new TextEncoder().encode(piece)
  }
}

const notServed: Reply = { status: 404, body: "404 page not found" }

/** A connection that broke after the request was sent, or before. */
export const reset = (sent = true): Error => new HttpError("Unreachable", "socket hang up", { retryable: true, sent })

/** A `Status` as the server writes it. */
export function status(code: number, reason: string, more: { readonly [field: string]: unknown } = {}): Reply {
  const { details = { name: "a" }, message = `${reason}!`, ...rest } = more
  return {
    status: code,
    body: { kind: "Status", apiVersion: "v1", status: "Failure", code, reason, message, details, ...rest },
  }
}

const kindOf = (kind: string, resource: string, more: object = {}): object => ({
  resource,
  responseKind: { kind },
  scope: "Namespaced",
  singularResource: kind.toLowerCase(),
  verbs: ["get", "list", "watch", "create", "update", "patch", "delete"],
  ...more,
})

/** What a modern server answers for `/api` or `/apis`. */
export function aggregated(groups: {
  readonly [group: string]: { readonly [version: string]: readonly object[] }
}): Reply {
  const items = Object.entries(groups).map(([name, versions]) => ({
    metadata: name === "" ? {} : { name },
    versions: Object.entries(versions).map(([version, resources]) => ({ version, resources, freshness: "Current" })),
  }))
  const type = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
  return {
    headers: { "content-type": [type] },
    body: { kind: "APIGroupDiscoveryList", apiVersion: "apidiscovery.k8s.io/v2", metadata: {}, items },
  }
}

const discovery: { readonly [line: string]: Reply } = {
  "GET /api": aggregated({
    "": {
      v1: [
        kindOf("ConfigMap", "configmaps", { shortNames: ["cm"] }),
        kindOf("Secret", "secrets"),
        kindOf("Pod", "pods", { subresources: [{ subresource: "status" }, { subresource: "eviction" }] }),
        kindOf("Namespace", "namespaces", { scope: "Cluster" }),
      ],
    },
  }),
  "GET /apis": aggregated({
    apps: { v1: [kindOf("Deployment", "deployments", { categories: ["all"] })] },
    "rbac.authorization.k8s.io": { v1: [kindOf("ClusterRole", "clusterroles", { scope: "Cluster" })] },
    "apiextensions.k8s.io": {
      v1: [kindOf("CustomResourceDefinition", "customresourcedefinitions", { scope: "Cluster" })],
    },
  }),
}
