import { createServer, type IncomingMessage, type ServerResponse } from "node:http"

/** A web server that can be closed. */
export interface Listening {
  readonly port: number
  close(): Promise<void>
}

/** Listens on `host`:`port` (0: any free one) and answers with `answer`, which sees no bodies. Rejects when it cannot listen. */
export async function listen(
  answer: (request: Request) => Response,
  { port, host }: { readonly port: number; readonly host?: string },
): Promise<Listening> {
  const server = createServer((request, response) => void reply(answer, request, response))
  server.requestTimeout = 10_000
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject)
    server.listen(port, host, () => {
      server.off("error", reject)
      resolve()
    })
  })
  const address = server.address()
  return {
    port: typeof address === "object" && address !== null ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function reply(answer: (request: Request) => Response, from: IncomingMessage, to: ServerResponse): Promise<void> {
  // Bodies are not read: nothing here takes one.
  from.resume()
  try {
    const { method = "GET", url = "/" } = from
    const response = answer(
      new Request(new URL(url, "http://localhost"), { method: method === "HEAD" ? "HEAD" : method }),
    )
    to.writeHead(response.status, Object.fromEntries(response.headers))
    to.end(method === "HEAD" ? undefined : await response.text())
  } catch {
    // A URL or method that no Request can have.
    to.writeHead(400)
    to.end()
  }
}
