import type { KubeObject } from "@gitops-toolkit/kube"
import { describe, expect, test } from "vitest"
import { createCluster, type TestCluster } from "../../index.ts"

const pod: KubeObject = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "p", namespace: "default" },
  spec: { containers: [{ name: "main", image: "app:1" }] },
}
const map: KubeObject = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "m", namespace: "default" } }
const maps = "/api/v1/namespaces/default/configmaps"
const pods = "/api/v1/namespaces/default/pods"

interface Told {
  readonly status: number
  readonly text: string
}

async function say(cluster: TestCluster, request: string, body?: unknown, contentType?: string): Promise<Told> {
  const [method = "", target = ""] = request.split(" ")
  const [path = "", query] = target.split("?")
  const { status, body: chunks } = await cluster.transport({
    method,
    path,
    query: [...new URLSearchParams(query)],
    headers: { "content-type": contentType ?? "application/json" },
    ...(body === undefined ? {} : { body: new TextEncoder().encode(JSON.stringify(body)) }),
  })
  const all: Uint8Array[] = []
  for await (const chunk of chunks) all.push(chunk)
  return { status, text: Buffer.concat(all).toString() }
}

const renamed = (metadata: object): KubeObject => ({ ...map, metadata: { ...map.metadata, ...metadata } })
const namespace = (metadata: object, finalizers: readonly string[]): object => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata,
  spec: { finalizers },
})

// What kube-apiserver 1.36.3 answers, with a ConfigMap `m` and a Pod `p` there.
describe("requests", () => {
  test.for<readonly [request: string, body: unknown, status: number, message: string]>([
    [`PUT ${maps}/m`, renamed({ resourceVersion: "x" }), 500, 'strconv.ParseUint: parsing "x": invalid syntax'],
    [`PUT ${maps}/m`, renamed({ resourceVersion: "0" }), 200, ""],
    [`PUT ${maps}/m`, renamed({ resourceVersion: "1" }), 409, "the object has been modified"],
    [`PUT ${maps}/m`, renamed({ name: "other" }), 400, "(other) does not match the name on the URL (m)"],
    [`DELETE ${maps}/m?uid=x`, undefined, 409, "the UID in the precondition (x)"],
    [`DELETE ${maps}/m?resourceVersion=1`, undefined, 409, "the ResourceVersion in the precondition (1)"],
    [`DELETE ${maps}/none?uid=x`, undefined, 404, "not found"],
    [`GET ${maps}/m/status`, undefined, 404, "the server could not find the requested resource"],
    [`HEAD ${maps}/m`, undefined, 405, ""],
    ["PUT /api/v1/namespaces/default/finalize", namespace({ name: "default" }, ["x"]), 422, "spec.finalizers[0]"],
    [
      "PUT /api/v1/namespaces/default/finalize",
      namespace({ name: "x" }, []),
      400,
      "does not match the name on the URL",
    ],
    ["PUT /api/v1/namespaces/default/finalize", namespace({ name: "default" }, ["x.io/y"]), 200, "x.io/y"],
  ])("%s", async ([request, body, status, message]) => {
    await using cluster = createCluster({ objects: [map, pod] })
    const told = await say(cluster, request, body)
    expect(told).toMatchObject({ status, text: expect.stringContaining(JSON.stringify(message).slice(1, -1)) })
  })
})

describe("the parts of a Pod", () => {
  const debugging = { spec: { ephemeralContainers: [{ name: "debug", image: "sh" }] } }
  const strategic = "application/strategic-merge-patch+json"

  test("ephemeralcontainers takes containers to debug with, and nothing else", async () => {
    await using cluster = createCluster({ objects: [pod] })
    const path = `PATCH ${pods}/p/ephemeralcontainers`
    expect(await say(cluster, path, debugging, strategic)).toMatchObject({ status: 200 })
    const live = await cluster.get({ apiVersion: "v1", kind: "Pod", namespace: "default", name: "p" })
    expect(live).toMatchObject({ spec: { ephemeralContainers: [{ name: "debug", image: "sh" }] } })
    const gone = await say(cluster, path, { spec: { ephemeralContainers: null } }, strategic)
    expect(gone).toMatchObject({ status: 422, text: expect.stringContaining("existing ephemeral containers") })
  })

  test("resize changes the resources of containers, and nothing else", async () => {
    await using cluster = createCluster({ objects: [pod] })
    const path = `PATCH ${pods}/p/resize`
    const change = (container: object): object => ({ spec: { containers: [{ name: "main", ...container }] } })
    expect(await say(cluster, path, change({ image: "app:2" }), strategic)).toMatchObject({ status: 200 })
    const live = await cluster.get({ apiVersion: "v1", kind: "Pod", namespace: "default", name: "p" })
    expect(live).toMatchObject({ spec: { containers: [{ image: "app:1" }] } })
    const none = await say(cluster, path, change({ resources: { requests: { cpu: "1" } } }), strategic)
    expect(none.status).toBe(422) // the class of service would be another
    expect(none.text).toContain("QOS")
  })
})

test("discovery tells a hash of the version that a kind is stored in", async () => {
  await using cluster = createCluster()
  const { text } = await say(cluster, "GET /api/v1")
  const { resources } = JSON.parse(text) as { readonly resources: readonly object[] }
  expect(resources).toContainEqual(expect.objectContaining({ name: "configmaps", storageVersionHash: "qFsyl6wFWjQ=" }))
})
