import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { createServer as createHttpsServer } from "node:https"
import type { AddressInfo } from "node:net"
import type { Transport, TransportRequest, TransportResponse } from "@gitops-toolkit/http"
import { messageOf } from "@gitops-toolkit/kube"
import { bodyLimit } from "./body.ts"
import { parseQuery } from "./request.ts"
import { bytesOf, isWhole } from "./write.ts"

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
  const onRequest = (incoming: IncomingMessage, outgoing: ServerResponse): void =>
    receive(incoming, (body) => void answer(serve, { incoming, body }, outgoing))
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

/** Hands over the body, and of one that is too large a little more than the limit: enough to be refused. */
function receive(incoming: IncomingMessage, onBody: (body: Uint8Array | undefined) => void): void {
  const { headers } = incoming
  if (headers["content-length"] === undefined && headers["transfer-encoding"] === undefined) return onBody(undefined)
  const chunks: Buffer[] = []
  let size = 0
  incoming.on("data", (chunk: Buffer) => {
    size += chunk.byteLength
    if (size <= bodyLimit + 65_536) chunks.push(chunk)
  })
  // One that breaks off never ends: there is nobody to answer.
  incoming.on("end", () =>
    onBody(chunks.length === 1 ? chunks[0] : chunks.length === 0 ? undefined : Buffer.concat(chunks)),
  )
}

interface Received {
  readonly incoming: IncomingMessage
  readonly body: Uint8Array | undefined
}

async function answer(serve: Transport, received: Received, outgoing: ServerResponse): Promise<void> {
  const { incoming } = received
  try {
    const request = requestOf(received, outgoing)
    const response = await serve(request)
    const { body, status } = response
    if (incoming.method === "HEAD") outgoing.writeHead(status, linesOf(response)).end()
    else if (isWhole(body)) sendText(outgoing, response, body.text)
    else if (request.query?.some(([name]) => name === "watch")) await stream(outgoing, response)
    else await sendBody(outgoing, response)
  } catch (error) {
    if (!outgoing.headersSent) outgoing.writeHead(500, { "content-type": "text/plain" }).end(messageOf(error))
    else outgoing.destroy()
  }
}

/** Head and body in one write. */
function sendText(outgoing: ServerResponse, response: TransportResponse, text: string): void {
  const head = linesOf(response)
  if (response.status !== 204) head.push("content-length", String(Buffer.byteLength(text)))
  outgoing.writeHead(response.status, head)
  // Node writes a text and its head as one text of UTF-8: the head must be the same in that.
  if (head.every((line) => plain.test(line))) outgoing.end(text)
  else outgoing.end(bytesOf(text))
}

/** Sends the head at once and every chunk as it comes. */
async function stream(outgoing: ServerResponse, response: TransportResponse): Promise<void> {
  outgoing.writeHead(response.status, linesOf(response)).flushHeaders()
  for await (const chunk of response.body) await write(outgoing, chunk)
  outgoing.end()
}

/** Holds one chunk back, so that head and body of a short answer go in one packet. */
async function sendBody(outgoing: ServerResponse, response: TransportResponse): Promise<void> {
  const { status, body } = response
  const head = linesOf(response)
  let held: Uint8Array | undefined
  try {
    for await (const chunk of body) {
      if (held) await write(outgoing.headersSent ? outgoing : outgoing.writeHead(status, head), held)
      held = chunk
    }
  } catch (error) {
    // A body that breaks off is seen to break off.
    if (!outgoing.headersSent) outgoing.writeHead(status, head).flushHeaders()
    if (held) outgoing.write(held)
    throw error
  }
  if (!outgoing.headersSent) {
    if (status !== 204) head.push("content-length", String(held?.byteLength ?? 0))
    outgoing.writeHead(status, head)
  }
  outgoing.end(held)
}

/** Writes a chunk; resolves when the next one may be written. */
async function write(outgoing: ServerResponse, chunk: Uint8Array): Promise<void> {
  if (outgoing.write(chunk)) return
  await new Promise<void>((resolve) => {
    outgoing.once("drain", resolve)
    outgoing.once("close", resolve)
  })
}

/** Names and values in turns, one pair a header line. */
function linesOf({ headers }: TransportResponse): string[] {
  const lines: string[] = []
  for (const [name, values] of Object.entries(headers)) for (const value of values) lines.push(name, lineOf(value))
  return lines
}

const plain = /^[\t\u0020-\u007e]*$/

/** As Go writes a header: the bytes of its UTF-8, and no control characters. */
function lineOf(value: string): string {
  if (plain.test(value)) return value
  return Buffer.from(value.replaceAll(/[^\t\u0020-\u007e\u0080-\u{10ffff}]/gu, " "), "utf8").toString("latin1")
}

const hungUp = new Error("the client hung up")

function requestOf({ incoming, body }: Received, outgoing: ServerResponse): TransportRequest {
  const target = pathOf(incoming.url ?? "/")
  const mark = target.indexOf("?")
  let stop: AbortController | undefined
  return {
    method: incoming.method ?? "GET",
    path: mark < 0 ? target : target.slice(0, mark),
    query: mark < 0 ? [] : parseQuery(target.slice(mark + 1)),
    headers: headersOf(incoming),
    ...(body === undefined ? {} : { body }),
    /** Only for those who wait: an abort costs as much as a small request. */
    get signal() {
      return (stop ??= stopOf(outgoing)).signal
    },
  }
}

/** Aborted when the client hangs up before it has the whole answer. */
function stopOf(outgoing: ServerResponse): AbortController {
  const stop = new AbortController()
  if (outgoing.destroyed) stop.abort(hungUp)
  else outgoing.once("close", () => outgoing.writableFinished || stop.abort(hungUp))
  return stop
}

/** Proxies ask for whole URLs. */
function pathOf(target: string): string {
  return target.startsWith("/") ? target : target.replace(/^https?:\/\/[^/?]*(?=[/?]|$)/i, "") || "/"
}

/** Names are hostile: the map has no prototype. */
function headersOf({ rawHeaders }: IncomingMessage): { readonly [name: string]: readonly string[] } {
  const headers: Record<string, string[]> = Object.create(null)
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toLowerCase()
    const values = headers[name]
    if (values) values.push(rawHeaders[i + 1]!)
    else headers[name] = [rawHeaders[i + 1]!]
  }
  return headers
}
