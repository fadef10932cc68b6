import { execFile, spawn } from "node:child_process"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { access } from "node:fs/promises"
import { join, resolve } from "node:path"
import { promisify } from "node:util"
import { decodedPathOf } from "./url-path.ts"

/** A running `git http-backend`. */
export interface ServedRepositories extends AsyncDisposable {
  /** The address below which the folder's repositories are: `${url}/apps.git`. */
  readonly url: string
  /** Requests so far. */
  readonly requests: readonly { readonly method: string; readonly path: string; readonly sentBytes: number }[]
  close(): Promise<void>
}

/** Options of `serveRepositories`. */
export interface ServeRepositoriesOptions {
  /** Whether pushes are taken; default true (it is a server for tests on the loopback interface). */
  readonly push?: boolean
}

/**
 * Where git keeps `git-http-backend`, or undefined when git (or that part of it) is not installed.
 *
 * @example
 * if (!(await findHttpBackend())) console.log("skipped: git has no http-backend here")
 */
export async function findHttpBackend(): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)("git", ["--exec-path"])
    const path = join(stdout.trim(), "git-http-backend")
    await access(path)
    return path
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined
    throw error
  }
}

/**
 * Serves every bare repository below `directory` with the real `git http-backend`, on a free port of the loopback
 * interface. Throws an `Error` that says what is missing when git has no http-backend on this machine.
 *
 * @example
 * await using served = await serveRepositories("/srv/git")
 * console.log(`${served.url}/apps.git`)
 */
export async function serveRepositories(
  directory: string,
  { push = true }: ServeRepositoriesOptions = {},
): Promise<ServedRepositories> {
  const backend = await findHttpBackend()
  if (backend === undefined) {
    throw new Error("git http-backend is not installed (Debian, Ubuntu: package git; Alpine: package git-daemon)")
  }
  const requests: { method: string; path: string; sentBytes: number }[] = []
  const environment = {
    PATH: process.env["PATH"] ?? "",
    GIT_PROJECT_ROOT: resolve(directory),
    GIT_HTTP_EXPORT_ALL: "1",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_COUNT: "2",
    GIT_CONFIG_KEY_0: "safe.directory",
    GIT_CONFIG_VALUE_0: "*",
    GIT_CONFIG_KEY_1: "http.receivepack",
    GIT_CONFIG_VALUE_1: String(push),
    REMOTE_USER: "tester",
    REMOTE_ADDR: "127.0.0.1",
  }
  const server = createServer((request, response) => {
    const entry = { method: request.method ?? "GET", path: request.url ?? "/", sentBytes: 0 }
    requests.push(entry)
    runBackend(request, response, { backend, environment, onBytes: (bytes) => (entry.sentBytes += bytes) })
  })
  await new Promise<void>((done, fail) => {
    server.once("error", fail)
    server.listen(0, "127.0.0.1", done)
  })
  const close = (): Promise<void> =>
    new Promise((done) => {
      server.close(() => done())
      server.closeAllConnections()
    })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, requests, close, [Symbol.asyncDispose]: close }
}

interface BackendRun {
  readonly backend: string
  readonly environment: Record<string, string>
  readonly onBytes: (bytes: number) => void
}

function runBackend(request: IncomingMessage, response: ServerResponse, run: BackendRun): void {
  const url = new URL(request.url ?? "/", "http://localhost")
  const path = decodedPathOf(url.pathname)
  if (path === undefined) return void response.writeHead(400).end()
  const { headers } = request
  const child = spawn(run.backend, {
    env: {
      ...run.environment,
      REQUEST_METHOD: request.method ?? "GET",
      PATH_INFO: path,
      QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: headers["content-type"] ?? "",
      ...(headers["content-length"] === undefined ? {} : { CONTENT_LENGTH: headers["content-length"] }),
      ...(headers["content-encoding"] === undefined ? {} : { HTTP_CONTENT_ENCODING: headers["content-encoding"] }),
      ...(headers["git-protocol"] === undefined ? {} : { GIT_PROTOCOL: String(headers["git-protocol"]) }),
    },
    stdio: ["pipe", "pipe", "ignore"],
  })
  child.on("error", () => response.destroy())
  child.stdin.on("error", () => undefined) // the backend may answer without reading everything
  request.pipe(child.stdin)
  response.on("close", () => child.kill())
  let head: Buffer | undefined = Buffer.alloc(0)
  child.stdout.on("data", (chunk: Buffer) => {
    run.onBytes(chunk.length)
    if (head === undefined) {
      if (!response.write(chunk)) {
        child.stdout.pause()
        response.once("drain", () => child.stdout.resume())
      }
      return
    }
    head = Buffer.concat([head, chunk])
    const end = head.indexOf("\r\n\r\n")
    if (end < 0) return
    writeHead(response, head.toString("latin1", 0, end))
    if (head.length > end + 4) response.write(head.subarray(end + 4))
    head = undefined
  })
  child.stdout.on("end", () => response.end())
}

function writeHead(response: ServerResponse, head: string): void {
  const lines = head.split("\r\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)])
  const status = lines.find(([name]) => name!.toLowerCase() === "status")
  const rest = lines.filter((line) => line !== status)
  response.writeHead(status ? Number.parseInt(status[1]!, 10) : 200, Object.fromEntries(rest) as Record<string, string>)
}
