// A stand-in for etcd that answers /health and nothing else: see start.test.ts.
import { createServer } from "node:http"
import { parseArgs } from "node:util"

if (process.argv.includes("--help")) {
  console.log("  --unsafe-no-fsync 'false'\n    Disables fsync.")
} else {
  const options = {
    "data-dir": { type: "string" },
    "listen-client-urls": { type: "string" },
    "advertise-client-urls": { type: "string" },
  } as const
  const more = { "listen-peer-urls": { type: "string" }, "unsafe-no-fsync": { type: "boolean" } } as const
  const { values } = parseArgs({ options: { ...options, ...more }, strict: true })
  const { hostname, port } = new URL(values["listen-client-urls"] ?? "")
  createServer((request, response) => {
    response.writeHead(request.url === "/health" ? 200 : 404).end('{"health":"true"}')
  }).listen(Number(port), hostname)
}
