import { connect } from "@gitops-toolkit/client"
import { type Cluster, ClusterError, isClusterError, type KubeObject, type WatchEvent } from "@gitops-toolkit/kube"
import { describe, expect, test } from "vitest"
import { createClock, createCluster, type Fault, type TestCluster } from "./index.ts"

const configMaps = { apiVersion: "v1", kind: "ConfigMap" } as const
const configMap = (name: string, rest: Partial<KubeObject> = {}): KubeObject => ({
  ...configMaps,
  ...rest,
  metadata: { name, namespace: "default", ...rest.metadata },
})
const refOf = (name: string, namespace = "default") => ({ ...configMaps, namespace, name })

/** The first `count` events of a watch from now on. */
async function eventsOf(cluster: Cluster, count: number, resourceVersion?: string): Promise<string[]> {
  const seen: string[] = []
  const from = resourceVersion === undefined ? {} : { resourceVersion }
  for await (const event of cluster.watch(configMaps, { namespace: "default", ...from })) {
    seen.push(textOf(event))
    if (seen.length >= count) break
  }
  return seen
}

function textOf(event: WatchEvent): string {
  if (event.type === "listed") return `listed ${event.objects.map(({ metadata }) => metadata.name).join(" ")}`.trim()
  return "object" in event ? `${event.type} ${event.object.metadata.name}` : event.type
}

describe("createCluster", () => {
  test("begins with the objects of a YAML text", async () => {
    const yaml = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a, namespace: new }\ndata: { on: "yes" }\n---\n'
    await using cluster = createCluster({ objects: `${yaml}${yaml.replace("name: a", "name: b")}` })
    expect(await cluster.get(refOf("b", "new"))).toMatchObject({ data: { true: "yes" } })
    expect(() => createCluster({ objects: "kind: [" })).toThrow(/line|:1:/)
  })

  test("has the objects and kinds that it is given, in namespaces that exist", async () => {
    await using cluster = createCluster({
      kinds: [definition],
      objects: [configMap("a", { metadata: { name: "a", namespace: "shop" } }), { ...widget, spec: { size: 1 } }],
    })
    expect((await cluster.get(refOf("a", "shop")))?.metadata.uid).toMatch(/^[\da-f-]{36}$/)
    expect(await cluster.get({ ...widgets, namespace: "default", name: "w" })).toMatchObject({ spec: { size: 1 } })
    expect(
      cluster
        .objects()
        .map(({ kind, metadata }) => `${kind} ${metadata.name}`)
        .toSorted(),
    ).toEqual(["ConfigMap a", "CustomResourceDefinition widgets.example.com", "Namespace shop", "Widget w"])
  })

  test("several in one process know nothing of each other", async () => {
    await using a = createCluster({ objects: [configMap("a")] })
    await using b = createCluster()
    expect([await a.get(refOf("a")), await b.get(refOf("a"))]).toEqual([expect.anything(), undefined])
  })

  test("is the same again with the same clock and random numbers", async () => {
    const make = async (): Promise<readonly KubeObject[]> => {
      let seed = 7
      await using cluster = createCluster({
        clock: createClock(),
        random: () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647,
      })
      await cluster.create(configMap("", { metadata: { generateName: "a-" } }))
      await cluster.apply(configMap("b", { data: { k: "v" } }), { fieldManager: "m" })
      return cluster.objects()
    }
    expect(await make()).toEqual(await make())
  })

  test("records its requests", async () => {
    await using cluster = createCluster()
    await cluster.create(configMap("a"))
    await cluster.get(refOf("b"))
    expect(cluster.requests.slice(-2)).toMatchObject([
      { method: "POST", path: "/api/v1/namespaces/default/configmaps", status: 201 },
      { method: "GET", path: "/api/v1/namespaces/default/configmaps/b", status: 404 },
    ])
  })

  test("remembers as many requests as it is told to", async () => {
    await using cluster = createCluster({ requestHistory: 2, objects: [configMap("a")] })
    const { requests } = cluster
    for (const name of ["b", "c", "d"]) await cluster.get(refOf(name))
    expect(requests.map(({ path }) => path.at(-1))).toEqual(["c", "d"])
    expect(cluster.forgottenRequests).toBeGreaterThanOrEqual(1)
    expect(() => createCluster({ requestHistory: Number.NaN })).toThrow("requestHistory")
  })

  test("goes back to a snapshot: objects, kinds, and whoever watches", async () => {
    await using cluster = createCluster({ objects: [configMap("a")] })
    const before = cluster.snapshot()
    await cluster.create(definition)
    await cluster.create(configMap("b"))
    const ending = new AbortController()
    const seen: string[] = []
    const watching = (async () => {
      for await (const event of cluster.watch(configMaps, { namespace: "default", signal: ending.signal })) {
        if (event.type === "interrupted") continue
        seen.push(textOf(event))
        if (seen.length === 1) cluster.restore(before)
        if (seen.length === 2) break
      }
    })()
    await watching
    expect(seen.map((text) => text.replace("kube-root-ca.crt", "").trim())).toEqual(["listed a b", "listed a"])
    expect(await cluster.get(refOf("b"))).toBeUndefined()
    await cluster.create(definition)
  })

  test("is over when it is disposed of", async () => {
    const cluster = createCluster()
    await cluster[Symbol.asyncDispose]()
    await expect(cluster.get(refOf("a"))).rejects.toThrow(/closed/)
  })
})

describe("the controllers of a cluster", () => {
  test("collect what is owned by nobody any more", async () => {
    const clock = createClock()
    await using cluster = createCluster({ clock })
    const owner = await cluster.create(configMap("owner"))
    const ownerReferences = [{ ...configMaps, name: "owner", uid: owner.metadata.uid! }]
    await cluster.create(configMap("owned", { metadata: { name: "owned", ownerReferences } }))
    await cluster.delete(refOf("owner"))
    await clock.advance(10_000)
    expect(await cluster.get(refOf("owned"))).toBeUndefined()
  })

  test("empty a namespace that is deleted, then let it go", async () => {
    const clock = createClock()
    await using cluster = createCluster({
      clock,
      objects: [configMap("a", { metadata: { name: "a", namespace: "shop" } })],
    })
    const namespace = { apiVersion: "v1", kind: "Namespace", name: "shop" }
    await cluster.delete(namespace)
    await clock.advance(10_000)
    expect([await cluster.get(refOf("a", "shop")), await cluster.get(namespace)]).toEqual([undefined, undefined])
    await expect(cluster.create(configMap("a", { metadata: { name: "a", namespace: "shop" } }))).rejects.toThrow(
      /namespaces "shop" not found/,
    )
  })
})

describe("faults", () => {
  const cases: readonly (readonly [name: string, fault: Fault, code: string, isThere: boolean])[] = [
    ["a status instead of the answer", { type: "status", status: 403 }, "Forbidden", false],
    ["a refused connection", { type: "unreachable" }, "Unreachable", false],
    ["a lost answer: the object is there", { type: "lost" }, "Unreachable", true],
    ["a body that ends in the middle", { type: "halfClosed" }, "Unreachable", true],
  ]
  test.each(cases)("%s", async (_, fault, code, isThere) => {
    await using cluster = createCluster()
    await cluster.kinds()
    cluster.faults.add({ match: { verb: "create", resource: "configmaps" }, fault, times: 10 })
    const failure = await cluster.create(configMap("a")).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(ClusterError)
    expect((failure as ClusterError).code).toBe(code)
    expect((await cluster.get(refOf("a"))) !== undefined).toBe(isThere)
  })

  test("happen as often as planned, after as many requests as planned", async () => {
    await using cluster = createCluster({ objects: [configMap("a")] })
    cluster.faults.add({ match: { verb: "get", name: "a" }, fault: { type: "conflict" }, after: 1, times: 2 })
    const outcomes: string[] = []
    for (let i = 0; i < 5; i++) {
      outcomes.push(
        await cluster.get(refOf("a")).then(
          () => "there",
          (error: ClusterError) => error.code,
        ),
      )
    }
    expect(outcomes).toEqual(["there", "Conflict", "Conflict", "there", "there"])
  })

  test("are taken back", async () => {
    await using cluster = createCluster({ objects: [configMap("a")] })
    const takeBack = cluster.faults.add({ fault: { type: "unreachable" }, times: 1000 })
    takeBack()
    cluster.faults.add({ fault: { type: "unreachable" }, times: 1000 })
    cluster.faults.clear()
    expect(await cluster.get(refOf("a"))).toBeDefined()
  })

  test("tell the client when to come again, and it does", async () => {
    const clock = createClock()
    await using cluster = createCluster({ clock, objects: [configMap("a")] })
    await cluster.kinds()
    cluster.faults.add({ match: { verb: "get" }, fault: { type: "status", status: 429, retryAfterSeconds: 7 } })
    const begun = clock.now()
    let found: KubeObject | undefined
    const asking = cluster.get(refOf("a")).then((object) => (found = object))
    await clock.advance(6_000)
    expect(found).toBeUndefined()
    await clock.advance(3_000)
    await asking
    expect(found?.metadata.name).toBe("a")
    expect(clock.now() - begun).toBe(9_000)
  })

  test("make a read answer as of an old version", async () => {
    await using cluster = createCluster()
    const old = await cluster.create(configMap("a", { data: { k: "1" } }))
    await cluster.patch(refOf("a"), { type: "merge", patch: { data: { k: "2" } } })
    const resourceVersion = old.metadata.resourceVersion!
    cluster.faults.add({ match: { verb: "list" }, fault: { type: "stale", resourceVersion } })
    const values = async (): Promise<unknown[]> => {
      const { objects } = await cluster.list(configMaps, { namespace: "default", fieldSelector: "metadata.name=a" })
      return objects.map((object) => object["data"])
    }
    expect([await values(), await values()]).toEqual([[{ k: "1" }], [{ k: "2" }]])
  })

  test("break a watch, which the client opens again without losing a change", async () => {
    const clock = createClock()
    await using cluster = createCluster({ clock })
    const { resourceVersion } = await cluster.list(configMaps)
    cluster.faults.add({ match: { verb: "watch" }, fault: { type: "drop", afterEvents: 1 } })
    await cluster.create(configMap("a"))
    await cluster.create(configMap("b"))
    const events = eventsOf(cluster, 3, resourceVersion)
    for (let i = 0; i < 60; i++) await clock.advance(1000)
    expect(await events).toEqual(["added a", "interrupted", "added b"])
  })
})

describe("listen", () => {
  test.each([false, true])("serves the same by HTTP (TLS: %s)", async (tls) => {
    await using cluster = createCluster({ objects: [configMap("a")] })
    await using address = await cluster.listen({ tls })
    expect(address.url).toMatch(tls ? /^https:\/\/127\.0\.0\.1:\d+$/ : /^http:\/\/127\.0\.0\.1:\d+$/)
    await using other = await connect({ kubeconfig: { text: address.kubeconfig } })
    expect(await other.get(refOf("a"))).toEqual(await cluster.get(refOf("a")))
    await other.create(configMap("b"))
    expect((await cluster.get(refOf("b")))?.metadata.name).toBe("b")
  })

  test("ends with the cluster", async () => {
    const cluster = createCluster()
    const { url } = await cluster.listen()
    await cluster[Symbol.asyncDispose]()
    await expect(fetch(`${url}/version`)).rejects.toThrow(/fetch failed/)
  })
})

describe("users", () => {
  const users = [{ token: "t-alice", user: "alice", groups: ["dev"] }]
  const as = (cluster: TestCluster, token: string | undefined, path: string): Promise<number> =>
    cluster
      .transport({ method: "GET", path, headers: token ? { authorization: `Bearer ${token}` } : {} })
      .then(({ status }) => status)

  test("may do what roles allow and nothing else", async () => {
    await using cluster = createCluster({ users, objects: [configMap("a")] })
    const path = "/api/v1/namespaces/default/configmaps"
    expect(await as(cluster, "t-alice", path)).toBe(403)
    const rbac = "rbac.authorization.k8s.io"
    const metadata = { name: "read", namespace: "default" }
    const rules = [{ apiGroups: [""], resources: ["configmaps"], verbs: ["list"] }]
    await cluster.create({ apiVersion: `${rbac}/v1`, kind: "Role", metadata, rules })
    const subjects = [{ apiGroup: rbac, kind: "Group", name: "dev" }]
    const roleRef = { apiGroup: rbac, kind: "Role", name: "read" }
    await cluster.create({ apiVersion: `${rbac}/v1`, kind: "RoleBinding", metadata, roleRef, subjects })
    expect(await as(cluster, "t-alice", path)).toBe(200)
    expect(await as(cluster, "t-alice", `${path}/a`)).toBe(403)
    expect(await as(cluster, undefined, path)).toBe(403)
    expect(await as(cluster, "t-mallory", path)).toBe(401)
  })
})

describe("hostile requests", () => {
  const send = async (cluster: TestCluster, body: string, method = "POST", type = "application/json") => {
    const path = `/api/v1/namespaces/default/configmaps${method === "POST" ? "" : "/a?fieldManager=m"}`
    const [bare = "", query] = path.split("?")
    const response = await cluster.transport({
      method,
      path: bare,
      query: query ? [["fieldManager", "m"]] : [],
      headers: { "content-type": type },
      body,
    })
    const chunks: Uint8Array[] = []
    for await (const chunk of response.body) chunks.push(chunk)
    return { status: response.status, body: JSON.parse(Buffer.concat(chunks).toString()) as KubeObject }
  }

  test("a body of more than 3 MiB is refused", async () => {
    await using cluster = createCluster()
    const data = { k: "x".repeat(3 * 1024 * 1024) }
    expect((await send(cluster, JSON.stringify(configMap("a", { data })))).status).toBe(413)
  })

  test.each([
    ["JSON", "application/json", "POST"],
    ["YAML", "application/yaml", "POST"],
    ["an applied text", "application/apply-patch+yaml", "PATCH"],
    ["a merge patch", "application/merge-patch+json", "PATCH"],
  ])("%s nested without end is refused", async (_, type, method) => {
    await using cluster = createCluster({ objects: [configMap("a")] })
    const deep = `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"x":${"[".repeat(60_000)}${"]".repeat(60_000)}}`
    const { status } = await send(cluster, deep, method, type)
    expect([400, 413, 422]).toContain(status)
    expect(await cluster.get(refOf("b"))).toBeUndefined()
  })

  test.each(["__proto__", "constructor", "toString"])("a member named %s is a member and no more", async (name) => {
    await using cluster = createCluster({ objects: [configMap("a")] })
    const { status, body } = await send(
      cluster,
      `{"metadata":{"labels":{"x":"y"}},"data":{${JSON.stringify(name)}:"polluted"}}`,
      "PATCH",
      "application/merge-patch+json",
    )
    expect(status).toBe(200)
    expect(Object.entries(body["data"] as object)).toEqual([[name, "polluted"]])
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
    expect(Object.prototype.toString.call({})).toBe("[object Object]")
    const read = await cluster.get(refOf("a"))
    expect(JSON.stringify(read!["data"])).toBe(`{${JSON.stringify(name)}:"polluted"}`)
  })

  test("names cannot leave their place", async () => {
    await using cluster = createCluster()
    for (const name of ["..", "a/b", "a%2fb", "."]) {
      await expect(cluster.create(configMap(name))).rejects.toSatisfy((error) => isClusterError(error, "Invalid"))
    }
  })
})

const widgets = { apiVersion: "example.com/v1", kind: "Widget" } as const
const widget: KubeObject = { ...widgets, metadata: { name: "w", namespace: "default" } }
const definition: KubeObject = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "widgets.example.com" },
  spec: {
    group: "example.com",
    scope: "Namespaced",
    names: { kind: "Widget", plural: "widgets" },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: { spec: { type: "object", properties: { size: { type: "integer" } } } },
          },
        },
      },
    ],
  },
}
