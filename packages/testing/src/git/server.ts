import { gunzipSync } from "node:zlib"
import type { Transport } from "@gitops-toolkit/http"
import type { Clock } from "@gitops-toolkit/kube"
import { listenOn } from "./listen.ts"
import { advertiseReceive, receivePack } from "./receive-pack.ts"
import { createRepository, type GitFile, type GitFiles, type GitRepository } from "./repository.ts"
import { advertise, uploadPack, type UploadPackOptions } from "./upload-pack.ts"

/** What a repository holds at the beginning. Tags are committed to `main` one after the other, in their order. */
export interface GitRepositorySeed {
  /** The first commit of `main`. */
  readonly files?: GitFiles
  /** Complete trees, each committed to `main` and tagged (lightweight). */
  readonly tags?: { readonly [tag: string]: GitFiles }
  /** Complete trees of further branches. */
  readonly branches?: { readonly [branch: string]: GitFiles }
}

/** Several repositories by name: `{ repositories: { "team/apps": { files: … } } }`. */
export interface GitRepositoriesSeed {
  readonly repositories: { readonly [name: string]: GitRepositorySeed }
}

/** One request that the server saw. */
export interface GitServerRequest {
  readonly method: string
  readonly path: string
  /** `ls-refs`, `fetch`, `advertise`, `receive`; what a `POST` or `GET` meant. */
  readonly action: string
  readonly status: number
  readonly receivedBytes: number
  readonly sentBytes: number
}

/** Options of `createGitServer`. */
export interface GitServerOptions extends UploadPackOptions {
  /** Times of commits and tags; default: one second later for each, from 2025-01-01. */
  readonly clock?: Pick<Clock, "now">
  /** Who may enter: judges the `authorization` header. Default: everybody. */
  readonly authorize?: (authorization: string | undefined) => boolean
  /** Answers instead of the server when it returns a `Response`: faults on demand. */
  readonly intercept?: (request: Request) => Response | undefined | Promise<Response | undefined>
}

/** A git server in memory that real `git` believes. */
export interface GitServer extends AsyncDisposable {
  /** The URL of the first repository: on the listening address once `listen` was called, else `http://git.test/…`. */
  readonly url: string
  /** The first (or only) repository. */
  readonly repository: GitRepository
  /** A repository by name; created empty when absent. */
  repositoryAt(name: string): GitRepository
  /** The URL of a repository. */
  urlOf(name: string): string
  /** The server itself: smart HTTP as a function. */
  fetch(request: Request): Promise<Response>
  /** The same as a `Transport`, for clients that take one. */
  readonly transport: Transport
  /** Every request so far, oldest first. */
  readonly requests: readonly GitServerRequest[]
  /** Serves on a free port of the loopback interface. */
  listen(): Promise<{ readonly url: string; close(): Promise<void> }>
}

/**
 * A git server in memory: upload-pack of protocol 0, 1 and 2 with shallow and partial fetches, receive-pack, and
 * repositories that tests change by method. Give it files (`{ "deploy/cm.yaml": "…" }`), the content of one
 * repository (`{ tags: { "v1.0.0": files } }`) or of several (`{ repositories: … }`).
 *
 * @example
 * const git = createGitServer({ "deploy/cm.yaml": "kind: ConfigMap" })
 * git.repository.commit({ "deploy/cm.yaml": "kind: Secret" })
 */
export function createGitServer(
  seed: GitFiles | GitRepositorySeed | GitRepositoriesSeed = {},
  options: GitServerOptions = {},
): GitServer {
  let seconds = Date.UTC(2025, 0, 1)
  const clock = options.clock ?? { now: () => (seconds += 1000) }
  const repositories = new Map<string, GitRepository>()
  const requests: GitServerRequest[] = []
  let origin = "http://git.test"
  let close = async (): Promise<void> => undefined
  const repositoryAt = (name: string): GitRepository => {
    const found = repositories.get(name) ?? createRepository(name, clock)
    repositories.set(name, found)
    return found
  }
  for (const [name, content] of Object.entries(seedsOf(seed))) plant(repositoryAt(name), content)
  const first = [...repositories.keys()][0]!
  const fetch = (request: Request): Promise<Response> => answer(request, { repositories, options, requests })
  return {
    get url() {
      return `${origin}/${first}.git`
    },
    repository: repositories.get(first)!,
    repositoryAt,
    urlOf: (name) => `${origin}/${name}.git`,
    fetch,
    transport: transportOf(fetch),
    requests,
    listen: async () => {
      const listening = await listenOn(fetch)
      origin = listening.origin
      close = listening.close
      return { url: `${origin}/${first}.git`, close }
    },
    [Symbol.asyncDispose]: () => close(),
  }
}

function seedsOf(seed: object): { readonly [name: string]: GitRepositorySeed } {
  const isGroup = (name: string): boolean => {
    const value = (seed as Record<string, unknown>)[name]
    return typeof value === "object" && value !== null && !(value instanceof Uint8Array)
  }
  if (isGroup("repositories")) return (seed as GitRepositoriesSeed).repositories
  if (isGroup("files") || isGroup("tags") || isGroup("branches")) return { repository: seed as GitRepositorySeed }
  return { repository: { files: seed as { readonly [path: string]: GitFile } } }
}

function plant(repository: GitRepository, { files, tags = {}, branches = {} }: GitRepositorySeed): void {
  if (files && Object.keys(files).length > 0) repository.commit(files, { message: "Begin" })
  for (const [tag, tree] of Object.entries(tags)) {
    repository.commit(tree, { message: `Release ${tag}`, replace: true })
    repository.tag(tag)
  }
  for (const [branch, tree] of Object.entries(branches)) {
    repository.commit(tree, { branch, message: `Begin ${branch}`, replace: true })
  }
}

interface ServerState {
  readonly repositories: ReadonlyMap<string, GitRepository>
  readonly options: GitServerOptions
  readonly requests: GitServerRequest[]
}

async function answer(request: Request, state: ServerState): Promise<Response> {
  const { requests, options } = state
  const { method } = request
  const path = new URL(request.url).pathname
  const raw = Buffer.from(await request.clone().arrayBuffer())
  const instead = await options.intercept?.(request)
  if (instead) {
    requests.push({
      method,
      path,
      action: "intercepted",
      status: instead.status,
      receivedBytes: raw.length,
      sentBytes: 0,
    })
    return instead
  }
  const body = request.headers.get("content-encoding") === "gzip" ? gunzipSync(raw) : raw
  const { action, status = 200, bytes, headers = {} } = serve(request, body, state)
  requests.push({ method, path, action, status, receivedBytes: raw.length, sentBytes: bytes.length })
  return new Response(new Uint8Array(bytes), { status, headers: { "cache-control": "no-cache", ...headers } })
}

interface Served {
  readonly action: string
  readonly status?: number
  readonly bytes: Buffer
  readonly headers?: Readonly<Record<string, string>>
}

function serve(request: Request, body: Buffer, { repositories, options }: ServerState): Served {
  const url = new URL(request.url)
  if (options.authorize && !options.authorize(request.headers.get("authorization") ?? undefined)) {
    const headers = { "www-authenticate": 'Basic realm="git"' }
    return { action: "refused", status: 401, bytes: Buffer.from("Unauthorized\n"), headers }
  }
  const route = /^\/(.+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/.exec(url.pathname)
  const repository = route && repositories.get(decodeURIComponent(route[1]!))
  if (!repository) return { action: "unknown", status: 404, bytes: Buffer.from("Not Found\n") }
  const asked = Number(/version=([012])/.exec(request.headers.get("git-protocol") ?? "")?.[1] ?? 0)
  const service = route[2] === "info/refs" ? url.searchParams.get("service") : route[2]
  const receives = service === "git-receive-pack"
  if (route[2] === "info/refs") {
    const bytes = receives ? advertiseReceive(repository) : advertise(repository, asked, options)
    return { action: "advertise", bytes, headers: { "content-type": `application/x-${service}-advertisement` } }
  }
  const headers = { "content-type": `application/x-${service}-result` }
  if (receives) return { action: "receive", bytes: receivePack(repository, body), headers }
  const action = body.includes("command=ls-refs") ? "ls-refs" : "fetch"
  return { action, bytes: uploadPack(repository, body, Math.min(asked, options.protocol ?? 2)), headers }
}

function transportOf(fetch: (request: Request) => Promise<Response>): Transport {
  return async ({ method, path, query = [], headers = {}, body, signal }) => {
    signal?.throwIfAborted()
    const search = new URLSearchParams(query.map(([name, value]): [string, string] => [name, value])).toString()
    const answering = fetch(
      new Request(`http://git.test${path}${search ? `?${search}` : ""}`, {
        method,
        headers: Object.entries(headers).map(([name, value]): [string, string] => [name, [value].flat().join(", ")]),
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : new Uint8Array(body) }),
      }),
    )
    const response = await Promise.race([answering, abortOf(signal)])
    const lines = [...response.headers].map(([name, value]): [string, string[]] => [name, [value]])
    const bytes = new Uint8Array(await response.arrayBuffer())
    return {
      status: response.status,
      headers: Object.fromEntries(lines),
      body: (async function* () {
        if (bytes.length > 0) yield bytes
      })(),
    }
  }
}

/** Rejects with the signal's reason when it aborts, and never resolves. */
function abortOf(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason as Error), { once: true })
  })
}
