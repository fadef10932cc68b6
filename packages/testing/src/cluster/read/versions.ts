import { badRequest, invalid, plainError, refusal } from "../answer.ts"
import { type Call, parameter } from "../wire/request.ts"
import type { ServerState } from "../state.ts"

/** A resourceVersion parameter as a number: undefined when absent or empty. */
export function revisionOf(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined
  if (!/^\d{1,15}$/.test(text)) {
    throw badRequest(
      `invalid resource version: resourceVersion: Invalid value: ${JSON.stringify(text)}: ${goParseUint(text)}`,
    )
  }
  return Number(text)
}

/** Checks the `resourceVersion` of a GET: the answer is at least as new. */
export function checkGetVersion(state: ServerState, call: Call): void {
  const text = parameter(call, "resourceVersion")
  if (!text) return
  if (!/^\d{1,15}$/.test(text))
    throw plainError(`resourceVersion: Invalid value: ${JSON.stringify(text)}: ${goParseUint(text)}`)
  refuseFuture(state, Number(text))
}

/** What Go's strconv says of a text that is no unsigned number. */
export function goParseUint(text: string): string {
  const fault = /^\d+$/.test(text) ? "value out of range" : "invalid syntax"
  return `strconv.ParseUint: parsing ${JSON.stringify(text)}: ${fault}`
}

const matches = ["Exact", "NotOlderThan"]

/** Checks `resourceVersion` and `resourceVersionMatch` of a list: 422 like the server's ListOptions. */
export function checkListVersions(call: Call): void {
  const match = parameter(call, "resourceVersionMatch")
  const version = parameter(call, "resourceVersion")
  const initial = call.query.has("sendInitialEvents")
    ? [
        {
          reason: "FieldValueForbidden",
          message: "Forbidden: sendInitialEvents is forbidden for list",
          field: "sendInitialEvents",
        },
      ]
    : []
  if (match === undefined || match === "") {
    if (initial.length > 0) throw invalid({ group: "meta.k8s.io", kind: "ListOptions" }, "", initial)
    return
  }
  const cause = (reason: string, message: string) => ({ reason, message, field: "resourceVersionMatch" })
  const causes: { reason: string; message: string; field: string }[] = []
  if (version === undefined || version === "") {
    causes.push(
      cause("FieldValueForbidden", "Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided"),
    )
  }
  if (parameter(call, "continue")) {
    causes.push(cause("FieldValueForbidden", "Forbidden: resourceVersionMatch is forbidden when continue is provided"))
  }
  if (!matches.includes(match)) {
    causes.push(
      cause(
        "FieldValueNotSupported",
        `Unsupported value: ${JSON.stringify(match)}: supported values: "Exact", "NotOlderThan", ""`,
      ),
    )
  } else if (match === "Exact" && version === "0") {
    causes.push(
      cause("FieldValueForbidden", 'Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"'),
    )
  }
  causes.push(...initial)
  if (causes.length > 0) throw invalid({ group: "meta.k8s.io", kind: "ListOptions" }, "", causes)
}

/** 504 for a revision that the server has not reached. */
export function refuseFuture(state: ServerState, revision: number): void {
  if (revision <= state.store.revision) return
  const message = `Too large resource version: ${revision}, current: ${state.store.revision}`
  throw refusal({
    code: 504,
    reason: "Timeout",
    message: `Timeout: ${message}`,
    details: {
      causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
      retryAfterSeconds: 1,
    },
    headers: { "retry-after": ["1"] },
  })
}

/** 410: the history up to `revision` is forgotten. */
export function expired(message: string): Error {
  return refusal({ code: 410, reason: "Expired", message })
}
