import type { Transport } from "@gitops-toolkit/http"

/** One request that a client sent, tries that were repeated included. */
export interface RequestRecord {
  readonly method: string
  readonly path: string
  /** The HTTP status; absent when no answer came. */
  readonly status?: number
}

/** The transport, telling `onRequest` of every request once its answer's headers are there (or none will come). */
export function observeRequests(transport: Transport, onRequest: (record: RequestRecord) => void): Transport {
  return async (request) => {
    const { method, path } = request
    let status: number | undefined
    try {
      const answer = await transport(request)
      status = answer.status
      return answer
    } finally {
      onRequest({ method, path, ...(status !== undefined && { status }) })
    }
  }
}
