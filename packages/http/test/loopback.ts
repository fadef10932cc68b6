import { once } from "node:events"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

/** A server on loopback that counts its connections. */
export interface Loopback extends AsyncDisposable {
  readonly url: string
  readonly server: Server
  connections(): number
}

/** Serves `listener` on a free loopback port until disposed. */
export async function listen(
  listener: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Loopback> {
  const server = createServer(listener).listen(0, "127.0.0.1")
  let connections = 0
  server.on("connection", () => connections++)
  await once(server, "listening")
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    server,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Answers with what was asked, as JSON. */
export function echo(request: IncomingMessage, response: ServerResponse): void {
  let body = ""
  request.setEncoding("utf8").on("data", (text: string) => (body += text))
  request.on("end", () => {
    const { method, url, rawHeaders } = request
    const pairs = rawHeaders.flatMap((name, i) => (i % 2 === 0 ? [[name, rawHeaders[i + 1]]] : []))
    response.end(JSON.stringify({ method, url, headers: pairs, body }))
  })
}
