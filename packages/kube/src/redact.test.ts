import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { maskSecret, maskSecretPair, redactText, redactUrl, type KubeObject } from "./index.ts"

describe("redactUrl", () => {
  test.each([
    ["https://git.example.com/a.git", "https://git.example.com/a.git"],
    ["https://user:pass@git.example.com/a.git?ref=main", "https://***@git.example.com/a.git?ref=main"],
    ["https://ghp_0123456789abcdefghij@github.com/a/b", "https://***@github.com/a/b"],
    ["https://a:p@ss@host/x@y", "https://***@host/x@y"],
    ["https://h/x?token=abc&page=2&X-Amz-Signature=f00#frag", "https://h/x?token=***&page=2&X-Amz-Signature=***#frag"],
    ["https://hooks.slack.com/services/T0/B0/xyz", "https://hooks.slack.com/services/***"],
    ["ssh://git@example.com:22/a", "ssh://***@example.com:22/a"],
    ["no url, Bearer abcdefghijk", "no url, Bearer ***"],
  ])("%s", (text, expected) => expect(redactUrl(text)).toBe(expected))
})

describe("redactText", () => {
  test.each([
    ["fatal: could not read https://u:pa55@host/x.git: 403", "fatal: could not read https://***@host/x.git: 403"],
    ["Authorization: Basic dXNlcjpwYXNz", "Authorization: Basic ***"],
    ["token ghp_0123456789abcdefghijABCDEFGHIJ456789", "token ***"],
    ["GET /x?access_token=abc&y=1", "GET /x?access_token=***&y=1"],
    ["-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\nrest", "***\nrest"],
    ["-----BEGIN PRIVATE KEY-----\nabc", "***"],
    ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "***"],
    ["AGE-SECRET-KEY-1QQQQQQQQQQQQ", "***"],
    ["the basic rules of tokens", "the basic rules of tokens"],
  ])("%s", (text, expected) => expect(redactText(text)).toBe(expected))

  test("known secrets go in every form, longest first", () => {
    const text = "pass hunter2hunter2 aHVudGVyMg== hunter2 a%2Fb%3Dc"
    expect(redactText(text, { secrets: ["hunter2", "hunter2hunter2", "a/b=c", "pa"] })).toBe("pass *** *** *** ***")
  })

  test("no known secret survives, wherever it stands", () => {
    const secret = fc.string({
      minLength: 4,
      maxLength: 30,
      unit: fc.constantFrom("a", "b", "0", "/", "+", "=", ":", "@"),
    })
    fc.assert(
      fc.property(secret, fc.string(), fc.string(), (known, before, after) => {
        const shown = redactText(`${before}${known}${after}`, { secrets: [known] })
        expect(shown.replaceAll("***", "").includes(known) && !`${before}${after}`.includes(known)).toBe(false)
      }),
    )
  })

  test("takes linear time on hostile text", () => {
    for (const piece of ["https://", "a@", "-----BEGIN ", "?a=", "eyJaaaaaaaa.", "bearer "]) {
      const start = performance.now()
      redactText(piece.repeat(40_000))
      expect(performance.now() - start).toBeLessThan(5000)
    }
  })
})

describe("maskSecret", () => {
  const lastApplied = "kubectl.kubernetes.io/last-applied-configuration"
  const secret = (data: unknown, more: object = {}): KubeObject => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "a", annotations: { [lastApplied]: '{"data":{"k":"c2VjcmV0"}}', note: "kept" } },
    data,
    ...more,
  })

  test("keeps keys and loses values", () => {
    expect(maskSecret(secret({ k: "c2VjcmV0", l: "" }, { stringData: { m: "plain" }, type: "Opaque" }))).toEqual({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "a", annotations: { [lastApplied]: "***", note: "kept" } },
      data: { k: "***", l: "***" },
      stringData: { m: "***" },
      type: "Opaque",
    })
  })

  test.each([["text"], [["a"]], [5]])("masks data of a wrong shape whole: %j", (data) => {
    expect(maskSecret(secret(data))["data"]).toBe("***")
  })

  test("leaves everything else alone", () => {
    const map: KubeObject = { apiVersion: "v1", kind: "ConfigMap", metadata: {}, data: { k: "v" } }
    expect(maskSecret(map)).toBe(map)
    const other: KubeObject = { apiVersion: "example.com/v1", kind: "Secret", metadata: {}, data: { k: "v" } }
    expect(maskSecret(other)).toBe(other)
  })

  test("a pair shows what changed and nothing else", () => {
    const { before, after } = maskSecretPair(
      secret({ same: "a", changed: "a", gone: "a" }),
      secret({ same: "a", changed: "b", new: "b" }),
    )
    expect(before["data"]).toEqual({ same: "***", changed: "*** (before)", gone: "***" })
    expect(after["data"]).toEqual({ same: "***", changed: "*** (after)", new: "***" })
  })
})
