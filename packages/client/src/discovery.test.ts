import { createClock } from "@gitops-toolkit/testing"
import { describe, expect, test } from "vitest"
import { aggregated, script, status, type Reply } from "../test/script.ts"
import { createClient } from "./index.ts"

const app = { apiVersion: "example.com/v1", kind: "App" }
const crds = {
  resource: "customresourcedefinitions",
  responseKind: { kind: "CustomResourceDefinition" },
  scope: "Cluster",
}
const apps = { resource: "apps", responseKind: { kind: "App" }, scope: "Namespaced", verbs: ["get"] }
const without = aggregated({ "apiextensions.k8s.io": { v1: [crds] } })
const served = aggregated({ "apiextensions.k8s.io": { v1: [crds] }, "example.com": { v1: [apps] } })
const definition = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "apps.example.com" },
  spec: { group: "example.com", names: { kind: "App" } },
}
const definitionLine = "PATCH /apis/apiextensions.k8s.io/v1/customresourcedefinitions/apps.example.com"
const empty: Reply = { body: { metadata: { resourceVersion: "1" }, items: [] } }
const asked = (server: { readonly requests: readonly { readonly path: string }[] }): number =>
  server.requests.filter(({ path }) => path === "/apis").length

test("reads the aggregated form", async () => {
  const { transport } = script({})
  const { kinds, complete, missing } = await createClient({ transport }).kinds()
  expect([complete, missing]).toEqual([true, []])
  expect(kinds.find(({ kind }) => kind === "Pod")).toEqual({
    apiVersion: "v1",
    kind: "Pod",
    plural: "pods",
    singular: "pod",
    namespaced: true,
    verbs: ["get", "list", "watch", "create", "update", "patch", "delete"],
    shortNames: [],
    categories: [],
    subresources: ["status", "eviction"],
  })
  expect(kinds.find(({ kind }) => kind === "Deployment")?.categories).toEqual(["all"])
})

test("a stale group is kept and named", async () => {
  const stale = {
    metadata: { name: "metrics.k8s.io" },
    versions: [{ version: "v1", freshness: "Stale", resources: [apps] }],
  }
  const body = { kind: "APIGroupDiscoveryList", items: [stale] }
  const { transport } = script({ "GET /apis": { headers: aggregated({}).headers!, body } })
  const catalog = await createClient({ transport }).kinds()
  expect([catalog.complete, catalog.missing]).toEqual([false, ["metrics.k8s.io/v1"]])
  expect(catalog.kinds.some(({ apiVersion }) => apiVersion === "metrics.k8s.io/v1")).toBe(true)
})

test("falls back to plain lists, the preferred version first, and tells what did not answer", async () => {
  const versions = [{ groupVersion: "example.com/v1beta1" }, { groupVersion: "example.com/v1" }]
  const group = { name: "example.com", versions, preferredVersion: { groupVersion: "example.com/v1" } }
  const broken = { name: "broken.io", versions: [{ groupVersion: "broken.io/v1" }] }
  const resources = [
    {
      name: "apps",
      singularName: "app",
      namespaced: true,
      kind: "App",
      verbs: ["get"],
      shortNames: ["ap"],
      categories: ["all"],
    },
    { name: "apps/status", namespaced: true, kind: "App", verbs: ["get"] },
    { name: "apps/scale", namespaced: true, kind: "Scale", verbs: ["get"] },
  ]
  const { transport } = script({
    "GET /api": { body: { kind: "APIVersions", versions: ["v1"] } },
    "GET /apis": { body: { kind: "APIGroupList", groups: [group, broken] } },
    "GET /api/v1": { body: { resources: [{ name: "nodes", namespaced: false, kind: "Node", verbs: [] }] } },
    "GET /apis/example.com/v1": { body: { resources } },
    "GET /apis/example.com/v1beta1": { body: { resources: resources.slice(0, 1) } },
    "GET /apis/broken.io/v1": status(503, "ServiceUnavailable"),
  })
  const clock = { now: () => 0, sleep: () => Promise.resolve() }
  const { kinds, complete, missing } = await createClient({ transport, clock }).kinds()
  expect([complete, missing]).toEqual([false, ["broken.io/v1"]])
  expect(kinds.map(({ apiVersion, kind, namespaced }) => `${apiVersion} ${kind} ${namespaced}`)).toEqual([
    "v1 Node false",
    "example.com/v1 App true",
    "example.com/v1beta1 App true",
  ])
  expect(kinds[1]).toMatchObject({ shortNames: ["ap"], subresources: ["status", "scale"] })
})

describe("asks", () => {
  test("once, however many wait, and a waiter that leaves does not end it", async () => {
    const server = script({ "GET /api/v1/configmaps": empty })
    const cluster = createClient({ transport: server.transport })
    const stop = new AbortController()
    const left = cluster.kinds({ signal: stop.signal })
    stop.abort(new Error("left"))
    const lists = Array.from({ length: 5 }, () =>
      cluster.list({ apiVersion: "v1", kind: "ConfigMap" }).then(() => "done"),
    )
    await expect(left).rejects.toThrow("left")
    expect(await Promise.all(lists)).toEqual(Array(5).fill("done"))
    expect(asked(server)).toBe(1)
  })

  test("again for a missing kind, at most every two seconds", async () => {
    const clock = createClock()
    const server = script({ "GET /apis": [without, without, served], "GET /apis/example.com/v1/apps": empty })
    const cluster = createClient({ transport: server.transport, clock })
    const list = (): PromiseLike<string> =>
      cluster.list(app).then(
        () => "listed",
        (error: { readonly code: string }) => error.code,
      )
    expect(await list()).toBe("KindNotFound")
    expect(await list()).toBe("KindNotFound")
    expect(asked(server)).toBe(1)
    await clock.advance(2000)
    expect(await list()).toBe("KindNotFound")
    await clock.advance(2000)
    expect(await list()).toBe("listed")
    expect(asked(server)).toBe(3)
  })

  test("at once after a definition was written, and waits for its kind", async () => {
    const clock = createClock()
    const server = script({
      "GET /apis": [without, without, without, served],
      [definitionLine]: { body: definition },
      "GET /apis/example.com/v1/apps": empty,
    })
    const cluster = createClient({ transport: server.transport, clock })
    await cluster.kinds()
    await cluster.apply(definition)
    const listed = cluster.list(app).then(() => "listed")
    await clock.advance(150)
    expect(asked(server)).toBe(3)
    await clock.advance(100)
    expect(await listed).toBe("listed")
  })

  test("but not for ever", async () => {
    const clock = createClock()
    const server = script({ "GET /apis": without, [definitionLine]: { body: definition } })
    const cluster = createClient({ transport: server.transport, clock })
    await cluster.apply(definition)
    const outcome = cluster.list(app).then(
      () => "listed",
      (error: { readonly code: string }) => error.code,
    )
    await clock.advance(6000)
    expect(await outcome).toBe("KindNotFound")
  })

  test("again after a known kind answered 404", async () => {
    const server = script({
      "GET /apis": [served, without],
      "GET /apis/example.com/v1/apps": { status: 404, body: "404 page not found" },
    })
    const cluster = createClient({ transport: server.transport })
    await expect(cluster.list(app)).rejects.toMatchObject({ code: "KindNotFound" })
    await expect(cluster.list(app)).rejects.toMatchObject({ code: "KindNotFound" })
    expect(asked(server)).toBe(2)
    expect(server.lines()).toHaveLength(1)
  })

  test("again ten seconds after an incomplete answer", async () => {
    const clock = createClock()
    const stale = { metadata: { name: "x.io" }, versions: [{ version: "v1", freshness: "Stale", resources: [] }] }
    const incomplete = { headers: served.headers!, body: { items: [stale] } }
    const server = script({ "GET /apis": [incomplete, served] })
    const cluster = createClient({ transport: server.transport, clock })
    expect((await cluster.kinds()).complete).toBe(false)
    await clock.advance(9999)
    expect((await cluster.kinds()).complete).toBe(false)
    await clock.advance(1)
    expect((await cluster.kinds()).complete).toBe(true)
  })

  test("when it is told to", async () => {
    const server = script({})
    const cluster = createClient({ transport: server.transport })
    await cluster.kinds()
    await cluster.kinds()
    await cluster.kinds({ refresh: true })
    expect(asked(server)).toBe(2)
  })
})

test("a failure is not remembered", async () => {
  const server = script({ "GET /apis": [status(403, "Forbidden"), served] })
  const cluster = createClient({ transport: server.transport })
  await expect(cluster.kinds()).rejects.toMatchObject({ code: "Forbidden" })
  expect((await cluster.kinds()).complete).toBe(true)
})
