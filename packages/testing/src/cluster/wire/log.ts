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

/** An empty log of the youngest `limit` requests, and up to a tenth more: dropping costs less by the batch. Throws `InvalidOptions` for what is no count. */
export function createRequestLog(limit: number): RequestLog {
  if (!(limit >= 0)) throw new TestingError("InvalidOptions", `requestHistory must be a count, not ${limit}`)
  const requests: LoggedRequest[] = []
  const most = limit + Math.floor(limit / 10)
  let dropped = 0
  return {
    requests,
    get dropped() {
      return dropped
    },
    add(request) {
      requests.push(request)
      if (requests.length <= most) return
      dropped += requests.splice(0, requests.length - limit).length
    },
  }
}
