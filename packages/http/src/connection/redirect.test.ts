import { expect, test } from "vitest"
import { isHttpError } from "../error.ts"
import { firstRequest, redirected, type PlannedRequest } from "./redirect.ts"

const headers = { authorization: "Bearer t", accept: "a/b", "content-type": "c/d", "X-Custom": "s" }

/** `GET https://a/x +authorization +accept`, or the code of the error. */
function follow(from: string, method: string, location: string): string {
  const request = firstRequest(from, { method, headers }, "agent")
  const response = { status: 302, headers: { location: [location] }, body: (async function* () {})() }
  try {
    const next = redirected(request, response)
    return next ? print(next) : "the answer"
  } catch (error) {
    if (isHttpError(error)) return error.code
    throw error
  }
}

function print({ method, url, headers: kept, body }: PlannedRequest): string {
  const names = Object.keys(kept).filter((name) => name !== "user-agent")
  return [method, url.href, ...names.map((name) => `+${name}`), ...(body === undefined ? [] : ["+body"])].join(" ")
}

test.each([
  ["https://a/x", "GET", "/y?z#f", "GET https://a/y?z +authorization +accept +content-type +X-Custom"],
  ["https://a/x", "GET", "https://b/y", "GET https://b/y +accept +content-type"],
  ["https://a/x", "GET", "https://a:8443/y", "GET https://a:8443/y +accept +content-type"],
  ["https://a/x", "GET", "//b/y", "GET https://b/y +accept +content-type"],
  ["https://a/x", "GET", "http://a/y", "RedirectRefused"],
  ["http://a/x", "GET", "https://a/y", "GET https://a/y +accept +content-type"],
  ["https://a/x", "GET", "https://u:p@a/y", "GET https://a/y +authorization +accept +content-type +X-Custom"],
  ["https://a/x", "HEAD", "/y", "HEAD https://a/y +authorization +accept +content-type +X-Custom"],
  ["https://a/x", "GET", "http://[", "RedirectRefused"],
] as const)("%s %s → %s", (from, method, location, expected) => {
  expect(follow(from, method, location)).toBe(expected)
})

test.each([
  [200, "the answer"],
  [300, "the answer"],
  [304, "the answer"],
  [301, "GET https://a/y +authorization +accept +X-Custom"],
  [307, "POST https://a/y +authorization +accept +content-type +X-Custom +body"],
])("a POST answered with %i", (status, expected) => {
  const request = firstRequest("https://a/x", { method: "POST", headers, body: "b" }, "agent")
  const next = redirected(request, { status, headers: { location: ["/y"] }, body: (async function* () {})() })
  expect(next ? print(next) : "the answer").toBe(expected)
})

test.each([
  ["https://user:pa%20ss@a/x", "https://a/x", "user:pa ss"],
  ["https://user@a/x", "https://a/x", "user:"],
  ["https://u:100%@a/x", "https://a/x", "u:100%"],
  ["https://:token@a/x", "https://a/x", ":token"],
])("%s asks %s as %s", (address, href, login) => {
  const { url, headers: sent } = firstRequest(address, {}, "agent")
  expect(url.href).toBe(href)
  expect(sent["authorization"]).toBe(`Basic ${Buffer.from(login).toString("base64")}`)
})
