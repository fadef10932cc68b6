import { gunzipSync } from "node:zlib"
import type { Transport } from "@gitops-toolkit/http"
import type { Clock } from "@gitops-toolkit/kube"
import type { GitService } from "./conversation.ts"
import { createGitFaults, isRefusal, spoil, type GitFaults, type GitRefusal, type TakeGitFault } from "./faults.ts"
import { listenOn, transportOf } from "./listen.ts"
import { pktLines } from "./pkt-line.ts"
import { advertiseReceive, receivePack } from "./receive-pack.ts"
import { createRepository, type GitFile, type GitFiles, type GitRepository } from "./repository.ts"
import { listenSshOn, type GitSshAddress, type ListenSshOptions } from "./ssh.ts"
import { decodedPathOf } from "./url-path.ts"
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
  /** `GET` or `POST`; `SSH` for what came over SSH. */
  readonly method: string
  readonly path: string
  /** `ls-refs`, `fetch`, `advertise`, `receive`: what the request meant. */
  readonly action: string
  /** Over SSH 200, or the status of a planned fault. */
  readonly status: number
  readonly receivedBytes: number
  readonly sentBytes: number
}

/** Options of `createGitServer`. */
export interface GitServerOptions extends UploadPackOptions {
  /** Times of commits and tags; default: one second later for each, from 2025-01-01. */
  readonly clock?: Pick<Clock, "now"> & Partial<Pick<Clock, "sleep">>
  /** Who may enter over HTTP: judges the `authorization` header. Default: everybody. */
  readonly authorize?: (authorization: string | undefined) => boolean
  /** Answers instead of the server when it returns a `Response`: for what `faults` does not know. */
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
  /**
   * Serves the same repositories over SSH on a free port of the loopback interface. Needs the package `ssh2`: throws
   * `PackageMissing` without it, and `InvalidOptions` for a host key that cannot be read.
   */
  listenSsh(options?: ListenSshOptions): Promise<GitSshAddress>
  /** What goes wrong, and when, over HTTP and over SSH. */
  readonly faults: GitFaults
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
  const closers: (() => Promise<void>)[] = []
  const { faults, take } = createGitFaults()
  const repositoryAt = (name: string): GitRepository => {
    const found = repositories.get(name) ?? createRepository(name, clock)
    repositories.set(name, found)
    return found
  }
  for (const [name, content] of Object.entries(seedsOf(seed))) plant(repositoryAt(name), content)
  const first = [...repositories.keys()][0]!
  const fetch = (request: Request): Promise<Response> => answer(request, { repositories, options, requests, take })
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
      closers.push(listening.close)
      return { url: `${origin}/${first}.git`, close: listening.close }
    },
    listenSsh: async (sshOptions) => {
      const log = (entry: Omit<GitServerRequest, "method">): void => void requests.push({ method: "SSH", ...entry })
      const sleep = options.clock?.sleep
      const address = await listenSshOn({ first, repositories, options, take, sleep, log }, sshOptions)
      closers.push(address.close)
      return address
    },
    faults,
    [Symbol.asyncDispose]: async () => {
      await Promise.all(closers.map((close) => close()))
    },
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
  readonly take: TakeGitFault
}

async function answer(request: Request, state: ServerState): Promise<Response> {
  const { options, take } = state
  const raw = Buffer.from(await request.clone().arrayBuffer())
  const log = (action: string, status: number, sentBytes = 0): void => {
    const path = new URL(request.url).pathname
    state.requests.push({ method: request.method, path, action, status, receivedBytes: raw.length, sentBytes })
  }
  const instead = await options.intercept?.(request)
  if (instead) {
    log("intercepted", instead.status)
    return instead
  }
  if (options.authorize && !options.authorize(request.headers.get("authorization") ?? undefined)) {
    log("refused", 401)
    return refuse({ type: "unauthorized" })
  }
  const body = request.headers.get("content-encoding") === "gzip" ? gunzipSync(raw) : raw
  const route = routeOf(request, body, state)
  const fault = take({ action: route.action, repository: route.repository?.name, over: "http" })
  if (fault && isRefusal(fault)) {
    const refusal = refuse(fault)
    log(route.action, refusal.status)
    return refusal
  }
  const { status = 200, bytes, headers = {} } = serve(route, body, options)
  log(route.action, status, bytes.length)
  const sleep = options.clock?.sleep
  const content = fault ? await streamOf(spoil(fault, bytes, { sleep, signal: request.signal })) : new Uint8Array(bytes)
  return new Response(content, { status, headers: { "cache-control": "no-cache", ...headers } })
}

function refuse(fault: GitRefusal): Response {
  if (fault.type === "unauthorized") {
    return new Response("Unauthorized\n", { status: 401, headers: { "www-authenticate": 'Basic realm="git"' } })
  }
  const { status, retryAfterSeconds: seconds } = fault
  return new Response("a planned fault\n", {
    status,
    headers: seconds === undefined ? {} : { "retry-after": String(seconds) },
  })
}

/** A body of what `chunks` gives. Resolves with its first chunk there, so that what comes late delays the head too. */
async function streamOf(chunks: AsyncIterator<Buffer, void>): Promise<ReadableStream<Uint8Array>> {
  let step: IteratorResult<Buffer, void> | undefined = await chunks.next()
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = step ?? (await chunks.next())
      step = undefined
      if (done === true) controller.close()
      else controller.enqueue(new Uint8Array(value))
    },
  })
}

interface Route {
  readonly action: string
  readonly repository?: GitRepository
  readonly service: GitService
  /** The protocol version that the client asks for. */
  readonly asked: number
}

function routeOf(request: Request, body: Buffer, { repositories }: ServerState): Route {
  const url = new URL(request.url)
  const [, path, tail] = /^\/(.+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/.exec(url.pathname) ?? []
  const repository = repositories.get(decodedPathOf(path ?? "") ?? "")
  const asked = Number(/version=([012])/.exec(request.headers.get("git-protocol") ?? "")?.[1] ?? 0)
  const named = tail === "info/refs" ? url.searchParams.get("service") : tail
  const service: GitService = named === "git-receive-pack" ? named : "git-upload-pack"
  if (!repository) return { action: "unknown", service, asked }
  if (tail === "info/refs") return { action: "advertise", repository, service, asked }
  const action = service === "git-receive-pack" ? "receive" : body.includes("command=ls-refs") ? "ls-refs" : "fetch"
  return { action, repository, service, asked }
}

interface Served {
  readonly status?: number
  readonly bytes: Buffer
  readonly headers?: Readonly<Record<string, string>>
}

function serve({ action, repository, service, asked }: Route, body: Buffer, options: GitServerOptions): Served {
  if (!repository) return { status: 404, bytes: Buffer.from("Not Found\n") }
  const receives = service === "git-receive-pack"
  if (action === "advertise") {
    const refs = receives ? advertiseReceive(repository) : advertise(repository, asked, options)
    const bytes = Buffer.concat([pktLines([`# service=${service}\n`, "flush"]), refs])
    return { bytes, headers: { "content-type": `application/x-${service}-advertisement` } }
  }
  const version = Math.min(asked, options.protocol ?? 2)
  const bytes = receives ? receivePack(repository, body) : uploadPack(repository, body, version)
  return { bytes, headers: { "content-type": `application/x-${service}-result` } }
}
