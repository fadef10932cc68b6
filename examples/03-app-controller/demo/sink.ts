// A webhook receiver of the demo's own: takes a notification only when its signature is right.
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

/** One notification that arrived, as the controller posted it. */
export interface Received {
  readonly severity: string
  readonly reason: string
  readonly message: string
}

/** Where the demo's notifications go. */
export interface Sink {
  readonly url: string
  readonly secret: string
  readonly received: readonly Received[]
  /** Requests with a wrong or missing signature. */
  readonly refused: () => number
  close(): Promise<void>
}

/** A sink on a free port of the loopback interface, with a fresh secret. */
export async function createSink(): Promise<Sink> {
  const secret = randomBytes(24).toString("hex")
  const received: Received[] = []
  let refused = 0
  const judge = (request: IncomingMessage, response: ServerResponse, body: Buffer): void => {
    const wanted = Buffer.from(`sha256=${createHmac("sha256", secret).update(body).digest("hex")}`)
    const given = Buffer.from(String(request.headers["x-signature"] ?? ""))
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) {
      refused++
      response.writeHead(401).end()
      return
    }
    received.push(JSON.parse(body.toString("utf8")) as Received)
    response.writeHead(204).end()
  }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("end", () => judge(request, response, Buffer.concat(chunks)))
  })
  await new Promise<void>((done) => void server.listen(0, "127.0.0.1", done))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    secret,
    received,
    refused: () => refused,
    close: () =>
      new Promise((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
}
