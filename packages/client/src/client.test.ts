import type { Cluster, Clock, KubeObject } from "@gitops-toolkit/kube"
import { describe, expect, test } from "vitest"
import { reset, script, status, type Reply } from "../test/script.ts"
import { createClient } from "./index.ts"

const a = { apiVersion: "v1", kind: "ConfigMap", namespace: "ns", name: "a" }
const path = "/api/v1/namespaces/ns/configmaps/a"
const live = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace: "ns", uid: "u" } }

function recordingClock(): Clock & { readonly slept: number[] } {
  const slept: number[] = []
  let now = 0
  return { slept, now: () => now, sleep: async (ms) => void (slept.push(ms), (now += ms)) }
}

const verbs: { readonly [name: string]: (cluster: Cluster) => PromiseLike<unknown> } = {
  get: (cluster) => cluster.get(a),
  list: (cluster) => cluster.list(a, { namespace: "ns" }).then(({ objects }) => objects.length),
  create: (cluster) => cluster.create(live),
  update: (cluster) => cluster.update(live),
  apply: (cluster) => cluster.apply(live),
  merge: (cluster) => cluster.patch(a, { type: "merge", patch: {} }),
  json: (cluster) => cluster.patch(a, { type: "json", operations: [] }),
  delete: (cluster) => cluster.delete(a),
  deleteUid: (cluster) => cluster.delete(a, { preconditions: { uid: "u" } }),
}
const lineOf = (verb: string): string => {
  const method =
    { get: "GET", list: "GET", create: "POST", update: "PUT", delete: "DELETE", deleteUid: "DELETE" }[verb] ?? "PATCH"
  return `${method} ${verb === "list" || verb === "create" ? "/api/v1/namespaces/ns/configmaps" : path}`
}

describe("tries", () => {
  const ok: Reply = {
    body: { ...live, kind: "ConfigMap", metadata: { ...live.metadata, resourceVersion: "1" }, items: [] },
  }
  const lost: Reply = { failure: reset() }
  const refused: Reply = { failure: reset(false) }
  const busy = status(429, "TooManyRequests")
  const down = status(503, "ServiceUnavailable")
  const patient: Reply = { ...status(500, "InternalError"), headers: { "retry-after": ["1"] } }

  test.each([
    ["get list update apply merge deleteUid", "lost", lost, 2],
    ["create json delete", "lost", lost, 1],
    ["get list create update apply merge json delete deleteUid", "refused", refused, 2],
    ["get list create update apply merge json delete deleteUid", "429", busy, 2],
    ["get list update apply merge deleteUid", "503", down, 2],
    ["create json delete", "503", down, 1],
    ["get apply", "500 with Retry-After", patient, 2],
    ["create", "500 with Retry-After", patient, 1],
    ["get apply create", "500", status(500, "InternalError"), 1],
    ["apply create", "409", status(409, "Conflict"), 1],
    ["apply create", "422", status(422, "Invalid"), 1],
    ["apply create", "a longer wait than 30 s", { ...busy, headers: { "retry-after": ["31"] } }, 1],
  ] as const)("%s after %s", async (names, _, reply, tries) => {
    for (const verb of names.split(" ")) {
      const server = script({ [lineOf(verb)]: [reply, ok] })
      const outcome = verbs[verb]!(createClient({ transport: server.transport, clock: recordingClock() }))
      const settled = await outcome.then(
        () => "done",
        () => "failed",
      )
      expect([verb, server.lines().length, settled]).toEqual([verb, tries, tries > 1 ? "done" : "failed"])
    }
  })

  test("are five at most, with growing random waits", async () => {
    const server = script({ [`GET ${path}`]: down })
    const clock = recordingClock()
    const cluster = createClient({ transport: server.transport, clock, random: () => 0 })
    await expect(cluster.get(a)).rejects.toMatchObject({ code: "ServiceUnavailable", status: 503, retryable: true })
    expect(server.lines()).toHaveLength(5)
    expect(clock.slept).toEqual([200, 400, 800, 1600])
  })

  test("wait as long as Retry-After says", async () => {
    const server = script({ [`GET ${path}`]: [{ ...busy, headers: { "retry-after": ["7"] } }, ok] })
    const clock = recordingClock()
    await createClient({ transport: server.transport, clock }).get(a)
    expect(clock.slept).toEqual([7000])
  })

  test("end when the signal aborts, with its reason", async () => {
    const server = script({ [`GET ${path}`]: down })
    const stop = new AbortController()
    const clock = { now: () => 0, sleep: async () => stop.abort(new Error("stop")) }
    const cluster = createClient({ transport: server.transport, clock })
    await expect(cluster.get(a, { signal: stop.signal })).rejects.toThrow("stop")
    expect(server.lines()).toHaveLength(1)
  })
})

describe("absence is a value", () => {
  test.each([
    ["the object", status(404, "NotFound"), undefined],
    ["the kind", status(404, "NotFound", { details: {} }), "KindNotFound"],
    ["everything", { status: 404, body: "404 page not found" }, "KindNotFound"],
  ] as const)("when %s is not there", async (_, reply, code) => {
    const server = script({ [`GET ${path}`]: reply, [`DELETE ${path}`]: reply })
    const cluster = createClient({ transport: server.transport })
    for (const work of [() => cluster.get(a), () => cluster.delete(a)]) {
      if (code) await expect(work()).rejects.toMatchObject({ code, retryable: true })
      else expect(await work()).toBeUndefined()
    }
  })

  test("but a write into a namespace that is not there fails", async () => {
    const details = { name: "ns", kind: "namespaces" }
    const server = script({
      [`PATCH ${path}`]: status(404, "NotFound", { details, message: 'namespaces "ns" not found' }),
    })
    const work = createClient({ transport: server.transport }).apply(live)
    await expect(work).rejects.toMatchObject({ code: "NotFound", ref: a })
  })
})

describe("deletion answers with what stays", () => {
  const deleting = { ...live.metadata, deletionTimestamp: "2026-11-21T12:00:00Z" }
  test.each([
    ["a Status", { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success" }, false],
    ["an object without a mark", live, false],
    ["one that is gone at once", { ...live, metadata: { ...deleting, deletionGracePeriodSeconds: 0 } }, false],
    ["one with a finalizer", { ...live, metadata: { ...deleting, finalizers: ["x/y"] } }, true],
    ["one with a grace period", { ...live, metadata: { ...deleting, deletionGracePeriodSeconds: 30 } }, true],
    ["a namespace", { ...live, metadata: deleting, spec: { finalizers: ["kubernetes"] } }, true],
  ])("%s", async (_, body, stays) => {
    const server = script({ [`DELETE ${path}`]: { body } })
    expect(await createClient({ transport: server.transport }).delete(a)).toEqual(stays ? body : undefined)
  })
})

describe("requests", () => {
  test("carry user agent, impersonation, accept and deadline", async () => {
    const server = script({ [`GET ${path}`]: { body: live } })
    const as = { user: "jane", groups: ["dev", "ops"] }
    await createClient({ transport: server.transport, userAgent: "me/1", as }).get(a, { timeoutMs: 5 })
    for (const request of server.requests) {
      expect(request.headers).toMatchObject({
        "user-agent": "me/1",
        "impersonate-user": "jane",
        "impersonate-group": ["dev", "ops"],
      })
    }
    expect(server.requests.at(-1)).toMatchObject({
      timeoutMs: 5,
      stream: false,
      headers: { accept: "application/json" },
    })
    expect(server.requests[0]?.timeoutMs).toBe(30_000)
  })

  test("carry the field manager of the connection or of the call", async () => {
    const server = script({ [`PATCH ${path}`]: { body: live } })
    const cluster = createClient({ transport: server.transport, fieldManager: "connection" })
    await cluster.apply(live)
    await cluster.apply(live, { fieldManager: "call", force: true })
    expect(server.lines()).toEqual([
      `PATCH ${path}?fieldManager=connection&fieldValidation=Strict`,
      `PATCH ${path}?fieldManager=call&fieldValidation=Strict&force=true`,
    ])
    expect(server.requests.at(-1)?.headers).toMatchObject({ "content-type": "application/apply-patch+yaml" })
  })

  test("pass warnings on", async () => {
    const headers = { warning: ['299 - "unknown field \\"x\\""', '299 - "old"'] }
    const server = script({ [`PATCH ${path}`]: { body: live, headers } })
    const warnings: string[] = []
    await createClient({ transport: server.transport }).apply(live, { onWarning: (text) => warnings.push(text) })
    expect(warnings).toEqual(['unknown field "x"', "old"])
  })

  test("keep integers beyond 2^53 and unknown fields, both ways", async () => {
    const text =
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"ns"},"big":9007199254740993,"x":[1.0]}'
    const server = script({ [`PATCH ${path}`]: { body: text } })
    const cluster = createClient({ transport: server.transport })
    const object = await cluster.apply({ ...live, big: 9007199254740995n } as KubeObject)
    expect(object["big"]).toBe(9007199254740993n)
    expect(server.requests.at(-1)?.body).toContain('"big":9007199254740995')
  })

  test("tell nobody a body that is not JSON", async () => {
    const server = script({ [`GET ${path}`]: { body: '{"apiVersion":"v1","password":"hunter2"' } })
    const error = await createClient({ transport: server.transport }).get(a).catch(String)
    expect(error).not.toContain("hunter2")
    const html = script({ [`GET ${path}`]: { body: "[1]" } })
    await expect(createClient({ transport: html.transport }).get(a)).rejects.toMatchObject({ code: "InternalError" })
  })

  test("are told to onRequest", async () => {
    const server = script({ [`GET ${path}`]: [{ failure: reset() }, { body: live }] })
    const told: unknown[] = []
    const onRequest = (record: unknown): void => void told.push(record)
    await createClient({ transport: server.transport, clock: recordingClock(), onRequest }).get(a)
    expect(told.slice(2)).toEqual([
      { method: "GET", path },
      { method: "GET", path, status: 200 },
    ])
  })
})
