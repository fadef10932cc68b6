import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { createServer as createHttpsServer } from "node:https"
import type { AddressInfo } from "node:net"
import type { Transport, TransportRequest } from "@gitops-toolkit/http"
import { messageOf } from "@gitops-toolkit/kube"
import { bodyLimit } from "./body.ts"

/** A server that is listening. */
export interface Listener extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`, or `https://…`. */
  readonly url: string
}

/** How a server listens. */
export interface ListenOptions {
  /** 0: a free one. */
  readonly port: number
  /** PEM texts; absent: plain HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined
}

/** Puts a transport on a port of the loopback interface. */
export async function listenWith(serve: Transport, { port, tls }: ListenOptions): Promise<Listener> {
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => void answer(serve, request, response)
  const server = tls ? createHttpsServer(tls, onRequest) : createHttpServer(onRequest)
  // Watches last; the client's own time-outs end what hangs.
  server.requestTimeout = 0
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject)
    server.listen(port, "127.0.0.1", resolve)
  })
  const scheme = tls ? "https" : "http"
  const { port: bound } = server.address() as AddressInfo
  return { url: `${scheme}://127.0.0.1:${bound}`, [Symbol.asyncDispose]: () => closed(server) }
}

function closed(server: Pick<Server, "close" | "closeAllConnections">): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()))
    server.closeAllConnections()
  })
}

const hungUp = new Error("the client hung up")

/** Writes a chunk; resolves when the next one may be written. */
async function write(outgoing: ServerResponse, chunk: Uint8Array): Promise<void> {
  if (outgoing.write(chunk)) return
  await new Promise<void>((resolve) => {
    outgoing.once("drain", resolve)
    outgoing.once("close", resolve)
  })
}

async function answer(serve: Transport, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const stop = new AbortController()
  // Only what is cut off is aborted: an abort costs as much as a small request.
  outgoing.once("close", () => outgoing.writableFinished || stop.abort(hungUp))
  try {
    const request = await requestOf(incoming, stop.signal)
    const response = await serve(request)
    const headers = headersOf(response.headers)
    const head = { status: response.status, headers }
    if (incoming.method === "HEAD") outgoing.writeHead(response.status, headers).end()
    else if (request.query?.some(([name]) => name === "watch")) await stream(outgoing, head, response.body)
    else await sendBody(outgoing, head, response.body)
  } catch (error) {
    if (!outgoing.headersSent) outgoing.writeHead(500, { "content-type": "text/plain" }).end(messageOf(error))
    else outgoing.destroy()
  }
}

interface Head {
  readonly status: number
  readonly headers: Record<string, string | string[]>
}

/** Sends the head at once and every chunk as it comes. */
async function stream(
  outgoing: ServerResponse,
  { status, headers }: Head,
  body: AsyncIterable<Uint8Array>,
): Promise<void> {
  outgoing.writeHead(status, headers).flushHeaders()
  for await (const chunk of body) await write(outgoing, chunk)
  outgoing.end()
}

/** Holds one chunk back, so that head and body of a short answer go in one packet. */
async function sendBody(outgoing: ServerResponse, head: Head, body: AsyncIterable<Uint8Array>): Promise<void> {
  const { status, headers } = head
  let held: Uint8Array | undefined
  try {
    for await (const chunk of body) {
      if (held) await write(outgoing.headersSent ? outgoing : outgoing.writeHead(status, headers), held)
      held = chunk
    }
  } catch (error) {
    // A body that breaks off is seen to break off.
    if (!outgoing.headersSent) outgoing.writeHead(status, headers).flushHeaders()
    if (held) outgoing.write(held)
    throw error
  }
  if (!outgoing.headersSent) {
    const length = status === 204 ? {} : { "content-length": String(held?.byteLength ?? 0) }
    outgoing.writeHead(status, { ...headers, ...length })
  }
  outgoing.end(held)
}

function headersOf(headers: { readonly [name: string]: readonly string[] }): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, lines]) => [name, lines.length === 1 ? lines[0]! : [...lines]]),
  )
}

async function requestOf(incoming: IncomingMessage, signal: AbortSignal): Promise<TransportRequest> {
  const target = incoming.url ?? "/"
  const mark = target.indexOf("?")
  const headers: Record<string, string[]> = {}
  for (let i = 0; i + 1 < incoming.rawHeaders.length; i += 2) {
    const name = incoming.rawHeaders[i]!.toLowerCase()
    if (name === "__proto__") continue
    ;(headers[name] ??= []).push(incoming.rawHeaders[i + 1]!)
  }
  const body = await bodyOf(incoming)
  return {
    method: incoming.method ?? "GET",
    path: mark < 0 ? target : target.slice(0, mark),
    query: mark < 0 ? [] : [...new URLSearchParams(target.slice(mark + 1))],
    headers,
    ...(body.byteLength > 0 ? { body } : {}),
    signal,
  }
}

/** The body, and a little more than the limit of one that is too large: enough to be refused. */
async function bodyOf(incoming: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.byteLength
    if (size <= bodyLimit + 65_536) chunks.push(chunk)
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
}
