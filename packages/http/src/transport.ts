/** One HTTP request, as plain data. Paths are below the transport's origin. */
export interface TransportRequest {
  readonly method: string
  /** Percent-encoded path, beginning with `/`, without query. */
  readonly path: string
  /** Query parameters in order; names may repeat. */
  readonly query?: readonly (readonly [name: string, value: string])[]
  /** Lower-case names; an array is sent as that many header lines (`Impersonate-Group`). */
  readonly headers?: { readonly [name: string]: string | readonly string[] }
  readonly body?: string | Uint8Array
  /** Aborts the request and, later, the reading of the body. */
  readonly signal?: AbortSignal | undefined
  /**
   * Deadline in milliseconds until the answer's headers and, unless `stream`, its whole body are there. Counts from
   * when the request is sent: waiting for a free connection of a busy pool is not the server's fault.
   */
  readonly timeoutMs?: number
  /** The body is read for as long as it lasts (watches): no deadline after the headers, a connection of its own. */
  readonly stream?: boolean
}

/** The answer to a `TransportRequest`. */
export interface TransportResponse {
  readonly status: number
  /** Lower-case names; every value is the list of that header's lines. */
  readonly headers: { readonly [name: string]: readonly string[] }
  /** The body's bytes; must be read to the end or left (`return()`), which frees the connection. */
  readonly body: AsyncIterable<Uint8Array>
}

/**
 * The narrow waist between a client and a server: the pooled HTTP transport, the embedded API server and test doubles
 * are all functions of this type. Rejects when no answer came; every HTTP status is an answer.
 */
export type Transport = (request: TransportRequest) => Promise<TransportResponse>
