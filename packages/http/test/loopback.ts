import { once } from "node:events"
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { connect, type AddressInfo, type Socket } from "node:net"

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

/** A forward proxy that notes what it is asked: `CONNECT host:port` for tunnels, `GET http://…` for plain requests. */
export async function startProxy(): Promise<Loopback & { readonly asked: string[]; readonly logins: string[] }> {
  const asked: string[] = []
  const logins: string[] = []
  const note = ({ method, url, headers }: IncomingMessage): void => {
    asked.push(`${method} ${url}`)
    logins.push(headers["proxy-authorization"] ?? "")
  }
  const proxy = await listen((incoming, outgoing) => {
    note(incoming)
    const { method, url = "", rawHeaders } = incoming
    const headers = rawHeaders.filter((_, i) => !/^proxy-/i.test(rawHeaders[i - (i % 2)]!))
    const forwarded = request(url, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    incoming.pipe(forwarded)
  })
  proxy.server.on("connect", (incoming: IncomingMessage, socket: Socket) => {
    note(incoming)
    const { hostname, port } = new URL(`http://${incoming.url}`)
    const target = connect(Number(port), hostname, () => socket.write("HTTP/1.1 200 Connection Established\r\n\r\n"))
    target.on("error", () => socket.destroy())
    socket.on("error", () => target.destroy())
    socket.pipe(target).pipe(socket)
  })
  return { ...proxy, asked, logins }
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
