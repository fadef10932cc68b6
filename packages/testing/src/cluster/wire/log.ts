import { TestingError } from "../../error.ts"
import type { LoggedRequest } from "../state.ts"

/** The youngest requests, in order. */
export interface RequestLog {
  /** Always the same list: it changes under the reader's hands. */
  readonly requests: readonly LoggedRequest[]
  /** How many older ones were dropped. */
  readonly dropped: number
  add(request: LoggedRequest): void
}

/** An empty log of at most `limit` requests. Throws `InvalidOptions` for what is no count. */
export function createRequestLog(limit: number): RequestLog {
  if (!(limit >= 0)) throw new TestingError("InvalidOptions", `requestHistory must be a count, not ${limit}`)
  const requests: LoggedRequest[] = []
  let dropped = 0
  return {
    requests,
    get dropped() {
      return dropped
    },
    add(request) {
      requests.push(request)
      if (requests.length <= limit) return
      requests.shift()
      dropped++
    },
  }
}
