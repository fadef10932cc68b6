/** Options of `createProbes`. */
export interface ProbeOptions {
  /** Whether work can be done: `/readyz` answers 503 until then. Default always. */
  readonly isReady?: () => boolean
  /** The text of `/metrics`; without it that path is not found. */
  readonly metrics?: () => string
}

/**
 * The pages that kubelet and Prometheus ask for, as a function for any web server: `/healthz` and `/livez` answer 200 as
 * long as the process can answer at all, `/readyz` 200 or 503, `/metrics` Prometheus' text; everything else 404.
 *
 * @example
 * const probes = createProbes({ isReady: () => false })
 * probes(new Request("http://localhost/healthz")).status   // 200
 * probes(new Request("http://localhost/readyz")).status   // 503
 */
export function createProbes({ isReady = () => true, metrics }: ProbeOptions = {}): (request: Request) => Response {
  return (request) => {
    if (request.method !== "GET" && request.method !== "HEAD") return text("method not allowed", 405)
    switch (new URL(request.url).pathname) {
      case "/healthz":
      case "/livez":
        return text("ok", 200)
      case "/readyz":
        return isReady() ? text("ok", 200) : text("not ready", 503)
      case "/metrics":
        if (metrics !== undefined) return text(metrics(), 200, "text/plain; version=0.0.4; charset=utf-8")
        return text("not found", 404)
      default:
        return text("not found", 404)
    }
  }
}

function text(body: string, status: number, type = "text/plain; charset=utf-8"): Response {
  return new Response(body, { status, headers: { "content-type": type } })
}
