import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import type { Transport } from "@gitops-toolkit/http"

/** No push to a server for tests is larger. */
const maxBodyBytes = 256 * 1024 * 1024

/** Serves a function of `Request` on a free port of the loopback interface. */
export async function listenOn(
  fetch: (request: Request) => Promise<Response>,
): Promise<{ origin: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    respond(fetch, request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject)
    server.listen(0, "127.0.0.1", resolve)
  })
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function respond(
  fetch: (request: Request) => Promise<Response>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const left = new AbortController()
  outgoing.once("close", () => left.abort())
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of incoming) {
    size += (chunk as Buffer).length
    if (size > maxBodyBytes) return void outgoing.writeHead(413).end()
    chunks.push(chunk as Buffer)
  }
  const headers = Object.entries(incoming.headers).map(([name, value]): [string, string] => [
    name,
    [value].flat().join(", "),
  ])
  const { method = "GET" } = incoming
  const response = await fetch(
    new Request(`http://${incoming.headers.host ?? "git.test"}${incoming.url ?? "/"}`, {
      method,
      headers,
      signal: left.signal,
      ...(method === "GET" || method === "HEAD" ? {} : { body: new Uint8Array(Buffer.concat(chunks)) }),
    }),
  )
  outgoing.writeHead(response.status, Object.fromEntries(response.headers))
  // Each chunk is on its way before the next is asked for: a broken connection loses nothing that came before.
  for await (const chunk of bytesOf(response)) await new Promise((resolve) => outgoing.write(chunk, resolve))
  outgoing.end()
}

/** A function of `Request` as a `Transport`. */
export function transportOf(fetch: (request: Request) => Promise<Response>): Transport {
  return async ({ method, path, query = [], headers = {}, body, signal }) => {
    signal?.throwIfAborted()
    const search = new URLSearchParams(query.map(([name, value]): [string, string] => [name, value])).toString()
    const answering = fetch(
      new Request(`http://git.test${path}${search ? `?${search}` : ""}`, {
        method,
        headers: Object.entries(headers).map(([name, value]): [string, string] => [name, [value].flat().join(", ")]),
        ...(signal ? { signal } : {}),
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : new Uint8Array(body) }),
      }),
    )
    const response = await Promise.race([answering, abortOf(signal)])
    const lines = [...response.headers].map(([name, value]): [string, string[]] => [name, [value]])
    return { status: response.status, headers: Object.fromEntries(lines), body: bytesOf(response) }
  }
}

async function* bytesOf({ body }: Response): AsyncGenerator<Uint8Array, void, void> {
  if (body) for await (const chunk of body) if (chunk.length > 0) yield chunk
}

/** Rejects with the signal's reason when it aborts, and never resolves. */
function abortOf(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason as Error), { once: true })
  })
}
