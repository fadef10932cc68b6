import { HttpError } from "@gitops-toolkit/http"
import type { ClusterError } from "@gitops-toolkit/kube"
import { describe, expect, test } from "vitest"
import { ConnectError } from "./connect-error.ts"
import { errorOfAnswer, errorOfFailure } from "./error.ts"

const ref = { apiVersion: "apps/v1", kind: "Deployment", namespace: "prod", name: "web" }
const secret = { apiVersion: "v1", kind: "Secret", namespace: "prod", name: "db" }

interface Told {
  readonly reason?: string
  readonly message?: string
  readonly details?: object
}

function answer(
  status: number,
  told: Told | string,
  headers: { readonly [name: string]: readonly string[] } = {},
): ClusterError {
  const body =
    typeof told === "string"
      ? told
      : JSON.stringify({ kind: "Status", code: status, details: { name: "web" }, ...told })
  return errorOfAnswer({ status, headers, text: body }, ref, 0)
}

describe("codes", () => {
  test.each([
    [400, { reason: "BadRequest" }, "BadRequest", false],
    [401, { reason: "Unauthorized" }, "Unauthorized", false],
    [403, { reason: "Forbidden" }, "Forbidden", false],
    [404, { reason: "NotFound" }, "NotFound", false],
    [404, { reason: "NotFound", details: {} }, "KindNotFound", true],
    [404, "404 page not found", "KindNotFound", true],
    [405, { reason: "MethodNotAllowed" }, "MethodNotAllowed", false],
    [409, { reason: "AlreadyExists" }, "AlreadyExists", false],
    [409, { reason: "Conflict" }, "Conflict", false],
    [
      409,
      { reason: "Conflict", details: { name: "web", causes: [{ reason: "FieldManagerConflict" }] } },
      "FieldManagerConflict",
      false,
    ],
    [410, { reason: "Gone" }, "Gone", false],
    [410, { reason: "Expired" }, "Gone", false],
    [413, { reason: "RequestEntityTooLarge" }, "TooLarge", false],
    [415, { reason: "UnsupportedMediaType" }, "UnsupportedMediaType", false],
    [422, { reason: "Invalid" }, "Invalid", false],
    [429, { reason: "TooManyRequests" }, "TooManyRequests", true],
    [500, { reason: "InternalError" }, "InternalError", true],
    [
      500,
      { message: "failed to create typed patch object (prod/web): .spec.x: field not declared in schema" },
      "Invalid",
      false,
    ],
    [500, { reason: "ServerTimeout" }, "ServerTimeout", true],
    [503, { reason: "ServiceUnavailable" }, "ServiceUnavailable", true],
    [504, { reason: "Timeout" }, "TimedOut", true],
    [409, { reason: "SomethingNew" }, "Conflict", false],
    [418, { reason: "__proto__" }, "BadRequest", false],
    [429, "too many", "TooManyRequests", true],
    [502, "<html>", "ServiceUnavailable", true],
    [503, '{"kind":"Status"', "ServiceUnavailable", true],
    [507, "", "InternalError", true],
  ] as const)("%i %j is %s, retryable: %s", (status, told, code, retryable) => {
    expect(answer(status, told)).toMatchObject({ code, retryable, status })
  })
})

test("carries ref, causes and the wait that was asked for", () => {
  const causes = [{ reason: "FieldManagerConflict", message: 'conflict with "a"', field: ".spec.replicas" }]
  const error = answer(409, { reason: "Conflict", message: "Apply failed", details: { name: "web", causes } })
  expect(error.message).toBe("[FieldManagerConflict] Deployment/prod/web: Apply failed")
  expect(error.causes).toEqual(causes)
  expect(error.ref).toBe(ref)
  expect(answer(429, { details: { name: "web", retryAfterSeconds: 3 } }).retryAfterMs).toBe(3000)
  expect(answer(429, { details: { retryAfterSeconds: 3 } }, { "retry-after": ["1"] }).retryAfterMs).toBe(1000)
  expect(answer(503, {}).retryAfterMs).toBeUndefined()
})

describe("messages hold no pieces of the request", () => {
  const messageOf = (message: string): string => {
    const text = JSON.stringify({
      kind: "Status",
      message,
      reason: "BadRequest",
      details: { name: "db", causes: [{ message }] },
    })
    const error = errorOfAnswer({ status: 400, headers: {}, text }, secret, 0)
    return `${error.message} ${error.causes.map((cause) => cause.message).join()}`
  }

  test.each([
    'Secret in version "v1" cannot be handled, error found in #10 byte of ...|:"hunter2"}|..., bigger context ...|"hunter2"|...',
    'Secret "db" is invalid: data[x]: Invalid value: "hunter2": too long',
    'Secret "db" is invalid: [type: Invalid value: "hunter2": a, data: Invalid value: "hunter2"\nhunter2]',
  ])("%s", (message) => {
    expect(messageOf(message)).not.toContain("hunter2")
    expect(messageOf(message)).toContain("Secret")
  })

  test("and are short", () => {
    expect(messageOf("x".repeat(100_000)).length).toBeLessThan(5000)
  })

  test("an answer that is no Status is not quoted", () => {
    expect(answer(500, "<html>token=hunter2</html>").message).toBe("[InternalError] Deployment/prod/web: status 500")
  })
})

test.each([
  [new HttpError("TimedOut", "slow", { retryable: true }), "TimedOut", true],
  [new HttpError("Unreachable", "refused", { retryable: true }), "Unreachable", true],
  [new HttpError("Unreachable", "certificate has expired"), "Unreachable", false],
  [new HttpError("TooLarge", "big"), "TooLarge", false],
  [new HttpError("InvalidRequest", "header"), "BadRequest", false],
  [new ConnectError("CredentialsUnavailable", "plug-in"), "Unauthorized", false],
  [new TypeError("x is not a function"), "Unreachable", true],
  ["text", "Unreachable", true],
])("%s becomes %s", (error, code, retryable) => {
  const converted = errorOfFailure(error, ref)
  expect(converted).toMatchObject({ code, retryable, ref, cause: error })
})
