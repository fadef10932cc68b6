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

async function answer(serve: Transport, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const stop = new AbortController()
  outgoing.once("close", () => stop.abort())
  try {
    const response = await serve(await requestOf(incoming, stop.signal))
    outgoing.writeHead(response.status, headersOf(response.headers))
    if (incoming.method === "HEAD") return void outgoing.end()
    outgoing.flushHeaders()
    for await (const chunk of response.body) {
      if (outgoing.write(chunk)) continue
      await new Promise<void>((resolve) => {
        outgoing.once("drain", resolve)
        outgoing.once("close", resolve)
      })
    }
    outgoing.end()
  } catch (error) {
    if (!outgoing.headersSent) outgoing.writeHead(500, { "content-type": "text/plain" }).end(messageOf(error))
    else outgoing.destroy()
  }
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
