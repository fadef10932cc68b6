import { createHttpTransport, type Transport } from "@gitops-toolkit/http"
import { finish, type Cluster, type KubeObject, type WatchEvent } from "@gitops-toolkit/kube"
import { createCluster, missingBinaries, startControlPlane, type CertificateUser } from "@gitops-toolkit/testing"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { connect, createClient, type ClientOptions } from "./index.ts"

/** One API server that the client must get on with. */
interface Target extends AsyncDisposable {
  readonly cluster: Cluster
  /** Another client of the same server. */
  client(options: Omit<ClientOptions, "transport">): Cluster
  userCluster?(user: CertificateUser): Cluster
}

const missing = missingBinaries()
if (missing.length > 0) console.warn(`skipped: the client on a real API server (missing: ${missing.join(", ")})`)

const users = [{ token: "root", user: "root", groups: ["system:masters"] }]
const authorization = { authorization: "Bearer root" }

const targets: readonly (readonly [name: string, start: () => Promise<Target>, skip: boolean])[] = [
  [
    "embedded, in process",
    async () => {
      const server = createCluster({ users })
      const transport: Transport = (request) =>
        server.transport({ ...request, headers: { ...request.headers, ...authorization } })
      const client: Target["client"] = (options) => createClient({ ...options, transport })
      return { cluster: server, client, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
    },
    false,
  ],
  [
    "embedded, over HTTP",
    async () => {
      const server = createCluster({ users })
      const { kubeconfig, url } = await server.listen({ tls: true })
      const cluster = await connect({ kubeconfig: { text: kubeconfig } })
      const transport = createHttpTransport({ url, tls: { insecure: true }, headers: authorization })
      const dispose = async (): Promise<void> => {
        await transport[Symbol.asyncDispose]()
        await cluster[Symbol.asyncDispose]()
        await server[Symbol.asyncDispose]()
      }
      const client: Target["client"] = (options) => createClient({ ...options, transport })
      return { cluster, client, [Symbol.asyncDispose]: dispose }
    },
    false,
  ],
  [
    "kube-apiserver",
    async () => {
      const plane = await startControlPlane()
      const cluster = await connect({ kubeconfig: plane.kubeconfigPath })
      const dispose = async (): Promise<void> => {
        await cluster[Symbol.asyncDispose]()
        await plane[Symbol.asyncDispose]()
      }
      const client: Target["client"] = (options) => createClient({ ...options, transport: plane.transport })
      return { cluster, client, userCluster: plane.userCluster, [Symbol.asyncDispose]: dispose }
    },
    missing.length > 0,
  ],
]

const configMap = (name: string, data: object = {}, more: object = {}): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace: "default", ...more },
  data,
})
const ref = (name: string): { apiVersion: string; kind: string; namespace: string; name: string } => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  namespace: "default",
  name,
})

for (const [name, start, skip] of targets) {
  describe.skipIf(skip)(name, () => {
    let target: Target
    let cluster: Cluster
    beforeAll(async () => {
      target = await start()
      cluster = target.cluster
    }, 60_000)
    afterAll(() => target?.[Symbol.asyncDispose]())

    test("creates, reads, replaces, patches and deletes", async () => {
      const created = await cluster.create(configMap("crud", { a: "1" }))
      expect(await cluster.get(ref("crud"))).toEqual(created)
      await expect(cluster.create(configMap("crud"))).rejects.toMatchObject({ code: "AlreadyExists", status: 409 })
      const updated = await cluster.update({ ...created, data: { a: "2" } })
      await expect(cluster.update({ ...created, data: { a: "3" } })).rejects.toMatchObject({ code: "Conflict" })
      const merged = await cluster.patch(ref("crud"), { type: "merge", patch: { data: { b: "x" } } })
      expect(merged["data"]).toEqual({ a: "2", b: "x" })
      const operations = [
        { op: "test", path: "/data/a", value: "2" },
        { op: "remove", path: "/data/a" },
      ] as const
      expect((await cluster.patch(ref("crud"), { type: "json", operations }))["data"]).toEqual({ b: "x" })
      await expect(cluster.patch(ref("crud"), { type: "json", operations })).rejects.toMatchObject({ code: "Invalid" })
      expect(updated.metadata.uid).toBe(created.metadata.uid)
      const wrong = { preconditions: { uid: "00000000-0000-0000-0000-000000000000" } }
      await expect(cluster.delete(ref("crud"), wrong)).rejects.toMatchObject({ code: "Conflict" })
      expect(await cluster.delete(ref("crud"), { preconditions: { uid: created.metadata.uid! } })).toBeUndefined()
      expect(await cluster.get(ref("crud"))).toBeUndefined()
      expect(await cluster.delete(ref("crud"))).toBeUndefined()
    })

    test("applies, and names who conflicts", async () => {
      const first = target.client({ fieldManager: "first" })
      const second = target.client({ fieldManager: "second" })
      await first.apply(configMap("ssa", { a: "1", b: "1" }))
      const error = await second.apply(configMap("ssa", { a: "2" })).catch((reason: unknown) => reason)
      expect(error).toMatchObject({
        code: "FieldManagerConflict",
        causes: [{ reason: "FieldManagerConflict", field: ".data.a" }],
      })
      const forced = await second.apply(configMap("ssa", { a: "2" }), { force: true })
      expect(forced["data"]).toEqual({ a: "2", b: "1" })
      expect((await first.apply(configMap("ssa")))["data"]).toEqual({ a: "2" })
    })

    test("a dry run stores nothing", async () => {
      expect((await cluster.apply(configMap("dry", { a: "1" }), { dryRun: true }))["data"]).toEqual({ a: "1" })
      expect(await cluster.get(ref("dry"))).toBeUndefined()
    })

    test("unknown fields are refused, or warned of", async () => {
      const odd = { ...configMap("odd"), unknown: 1 } as KubeObject
      await expect(cluster.apply(odd)).rejects.toMatchObject({ code: "Invalid", retryable: false })
      await expect(cluster.create(odd)).rejects.toMatchObject({ code: "BadRequest" })
      const warnings: string[] = []
      await cluster.create(odd, { fieldValidation: "Warn", onWarning: (text) => warnings.push(text) })
      expect(warnings).toEqual(['unknown field "unknown"'])
    })

    test("lists page by page", async () => {
      const labels = { list: "yes" }
      for (let i = 0; i < 7; i++) await cluster.apply(configMap(`page-${i}`, {}, { labels }))
      const pages: number[] = []
      const options = { namespace: "default", labelSelector: "list=yes", pageSize: 3 }
      const list = await finish(cluster.list(ref(""), options), ({ objects }) => pages.push(objects.length))
      expect(pages).toEqual([3, 3, 1])
      expect(list.objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual(
        Array.from({ length: 7 }, (_, i) => `ConfigMap page-${i}`),
      )
      expect(Number(list.resourceVersion)).toBeGreaterThan(0)
    })

    test("watches: what is there, then every change, from any version", async () => {
      const labels = { watch: "yes" }
      await cluster.apply(configMap("seen", { n: "0" }, { labels }))
      const options = { namespace: "default", labelSelector: "watch=yes" }
      const story: string[] = []
      const versions: string[] = []
      const change: { readonly [after: number]: () => Promise<unknown> } = {
        1: () => cluster.apply(configMap("new", { n: "1" }, { labels })),
        2: () => cluster.apply(configMap("seen", { n: "2" }, { labels })),
        3: () => cluster.apply(configMap("seen", { n: "2" })),
        4: () => cluster.delete(ref("new")),
      }
      for await (const event of cluster.watch(ref(""), options)) {
        if (event.type === "bookmark") continue
        story.push(print(event))
        if (event.type !== "listed" && event.type !== "interrupted")
          versions.push(event.object.metadata.resourceVersion!)
        if (story.length > 4) break
        await change[story.length]?.()
      }
      expect(story).toEqual(["listed seen", "added new", "modified seen", "deleted seen", "deleted new"])
      const again: string[] = []
      for await (const event of cluster.watch(ref(""), { ...options, resourceVersion: versions[1]! })) {
        if (again.push(print(event)) === 2) break
      }
      expect(again).toEqual(["deleted seen", "deleted new"])
    })

    test("writes sub-resources apart", async () => {
      const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "sub" } }
      await cluster.apply(namespace)
      const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "p", namespace: "sub" } }
      await cluster.create({ ...pod, spec: { containers: [{ name: "c", image: "i" }] } })
      const status = { conditions: [{ type: "Ready", status: "True" }] }
      await cluster.patch(
        { ...pod, ...pod.metadata },
        { type: "strategic", patch: { status } },
        { subresource: "status" },
      )
      const live = await cluster.get({ ...pod, ...pod.metadata })
      expect(live?.status).toMatchObject({
        conditions: expect.arrayContaining([expect.objectContaining({ type: "Ready" })]),
      })
      await expect(cluster.get({ ...pod, ...pod.metadata }, { subresource: "nope" })).rejects.toMatchObject({
        code: "KindNotFound",
      })
    })

    test("writes into no namespace that is not there", async () => {
      const elsewhere = { ...configMap("x"), metadata: { name: "x", namespace: "nowhere" } }
      await expect(cluster.apply(elsewhere)).rejects.toMatchObject({ code: "NotFound" })
      await expect(cluster.get({ apiVersion: "v1", kind: "Nope", name: "x" })).rejects.toMatchObject({
        code: "KindNotFound",
      })
      await expect(cluster.apply({ ...configMap("x"), metadata: { name: "x" } })).rejects.toMatchObject({
        code: "BadRequest",
      })
    })

    test("serves a kind right after its definition was applied", async () => {
      const schema = { type: "object", "x-kubernetes-preserve-unknown-fields": true }
      const definition = {
        apiVersion: "apiextensions.k8s.io/v1",
        kind: "CustomResourceDefinition",
        metadata: { name: "apps.client.example.com" },
        spec: {
          group: "client.example.com",
          scope: "Namespaced",
          names: { kind: "App", plural: "apps", singular: "app", listKind: "AppList" },
          versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: schema } }],
        },
      }
      await cluster.kinds()
      await cluster.apply(definition)
      const app = { apiVersion: "client.example.com/v1", kind: "App", metadata: { name: "a", namespace: "default" } }
      const applied = await cluster.apply({ ...app, big: 9007199254740993n } as KubeObject)
      expect(applied["big"]).toBe(9007199254740993n)
    })

    test("knows what is served", async () => {
      const { kinds, complete } = await cluster.kinds({ refresh: true })
      expect(complete).toBe(true)
      const deployment = kinds.find(({ apiVersion, kind }) => apiVersion === "apps/v1" && kind === "Deployment")
      expect(deployment).toMatchObject({
        plural: "deployments",
        namespaced: true,
        shortNames: ["deploy"],
        categories: ["all"],
      })
      expect(deployment?.subresources).toEqual(expect.arrayContaining(["scale", "status"]))
    })

    test("keeps the case of names", async () => {
      const role = { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", name: "system:Foo-Bar" }
      await cluster.apply({
        ...role,
        metadata: { name: role.name },
        name: undefined,
        rules: [],
      } as unknown as KubeObject)
      expect((await cluster.get(role))?.metadata.name).toBe("system:Foo-Bar")
      expect(await cluster.get({ ...role, name: "system:foo-bar" })).toBeUndefined()
    })

    test("impersonates with all groups", async () => {
      const as = { user: "jane", groups: ["dev", "ops"], extra: { "example.com/scope": ["a", "b"] } }
      const review = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview", metadata: {} }
      const { status } = await target.client({ as }).create(review)
      expect(status).toEqual({
        userInfo: {
          username: "jane",
          groups: ["dev", "ops", "system:authenticated"],
          extra: { "example.com/scope": ["a", "b"] },
        },
      })
      const secrets = target.client({ as }).list({ apiVersion: "v1", kind: "Secret" })
      await expect(secrets).rejects.toMatchObject({ code: "Forbidden" })
      const bob = target.userCluster?.({ user: "bob", groups: ["system:masters"] }) ?? target.client({})
      expect((await bob.list({ apiVersion: "v1", kind: "Secret" })).objects).toEqual([])
    })
  })
}

function print(event: WatchEvent): string {
  if (event.type === "listed") return `listed ${event.objects.map(({ metadata }) => metadata.name).join()}`
  return event.type === "bookmark" || event.type === "interrupted"
    ? event.type
    : `${event.type} ${event.object.metadata.name}`
}
