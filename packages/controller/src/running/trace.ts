import { SpanStatusCode, trace } from "@opentelemetry/api"
import type { AttemptResult } from "./attempt.ts"

/** What a span says of the object. */
export interface SpanSubject {
  readonly controller: string
  readonly namespace: string | undefined
  readonly name: string
  readonly attempt: number
}

/**
 * Runs `work` inside an OpenTelemetry span (`reconcile` or `finalize`), so that what it calls becomes its children. Costs
 * next to nothing as long as no SDK is registered. Messages in spans are the redacted ones.
 */
export function traced(
  phase: "reconcile" | "finalize",
  { controller, namespace, name, attempt }: SpanSubject,
  work: () => Promise<AttemptResult>,
): Promise<AttemptResult> {
  const attributes = {
    "gitops_toolkit.controller": controller,
    ...(namespace === undefined ? {} : { "k8s.namespace.name": namespace }),
    "gitops_toolkit.name": name,
    "gitops_toolkit.attempt": attempt,
  }
  return trace.getTracer("@gitops-toolkit/controller").startActiveSpan(phase, { attributes }, async (span) => {
    try {
      const result = await work()
      span.setAttribute("gitops_toolkit.result", result.type)
      if (result.type === "failed") {
        const { code, message } = result.failure
        span.setStatus({ code: SpanStatusCode.ERROR, message: `${code}: ${message}` })
      }
      return result
    } finally {
      span.end()
    }
  })
}
