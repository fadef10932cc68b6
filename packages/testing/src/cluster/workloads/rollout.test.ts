import type { KubeObject } from "@gitops-toolkit/kube"
import { parseManifests } from "@gitops-toolkit/kube/manifest"
import { describe, expect, it } from "vitest"
import { createClock, type TestClock } from "../../clock.ts"
import { type AutoReady, createCluster, type TestCluster } from "../../create-cluster.ts"

interface Stage extends AsyncDisposable {
  readonly cluster: TestCluster
  readonly clock: TestClock
  apply(yaml: string): Promise<void>
  all(kind: string): KubeObject[]
  one(kind: string, name: string): KubeObject
  /** `Kind/name Reason: message` without hashes and letters of chance; each once. */
  told(kind: string): string[]
}

function stage(autoReady: AutoReady | true = true, objects = ""): Stage {
  const clock = createClock()
  const cluster = createCluster({ clock, autoReady, objects })
  const all = (kind: string): KubeObject[] => cluster.objects().filter((object) => object.kind === kind)
  return {
    cluster,
    clock,
    async apply(yaml) {
      for (const object of parseManifests(yaml)) {
        const metadata = { namespace: "default", ...object.metadata }
        await cluster.apply({ ...object, metadata }, { fieldManager: "test", force: true })
      }
      await clock.advance(0)
    },
    all,
    one: (kind, name) => all(kind).find(({ metadata }) => metadata.name === name)!,
    told: (kind) => {
      const lines = all("Event").map((event) => {
        const { involvedObject, reason, message } = event as unknown as {
          readonly involvedObject: { readonly kind: string }
          readonly reason: string
          readonly message: string
        }
        const plain = message.replaceAll(/-[b-z0-9]{7,10}(?=[- ]|$)/g, "-HASH").replaceAll(/-[a-z0-9]{5}\b/g, "-SFX")
        return involvedObject.kind === kind ? `${reason}: ${plain}` : ""
      })
      return [...new Set(lines.filter((line) => line !== ""))]
    },
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  }
}

const template = (image: string): string =>
  `{ metadata: { labels: { app: a } }, spec: { containers: [{ name: c, image: "${image}" }] } }`
const deployment = (image: string, spec: string): string =>
  `{ apiVersion: apps/v1, kind: Deployment, metadata: { name: web }, spec: { selector: { matchLabels: { app: a } }, template: ${template(image)}, ${spec} } }`
const statefulSet = (spec: string): string =>
  `{ apiVersion: apps/v1, kind: StatefulSet, metadata: { name: db }, spec: { selector: { matchLabels: { app: a } }, template: ${template("app:1")}, ${spec} } }`

describe("a Deployment", () => {
  const never: AutoReady = { failures: [{ match: { image: "app:never" }, kind: "Pending" }] }

  // As the real controller does: 30 % surge, 20 % unavailable; the sizes are those of the old and the new ReplicaSet.
  it.each([
    ["is held by its bounds", [10], "8 5"],
    ["grows in proportion", [10, 15], "12 8"],
    ["shrinks in proportion", [10, 15, 6], "5 3"],
    ["goes to nothing", [10, 0], "0 0"],
  ])("%s while its new Pods do not come: %j is %s", async (_, sizes, wanted) => {
    await using played = stage(never)
    const strategy = "strategy: { rollingUpdate: { maxSurge: 30%, maxUnavailable: 20% } }"
    await played.apply(deployment("app:1", `replicas: 10, ${strategy}`))
    for (const size of sizes) await played.apply(deployment("app:never", `replicas: ${size}, ${strategy}`))
    const sets = played.all("ReplicaSet").toSorted((a, b) => revisionOf(a) - revisionOf(b))
    expect(sets.map(({ spec }) => (spec as { readonly replicas: number }).replicas).join(" ")).toBe(wanted)
  })

  it("tells of its steps, and of the revisions that it came back to", async () => {
    await using played = stage()
    for (const image of ["app:1", "app:2", "app:1"]) await played.apply(deployment(image, "replicas: 1"))
    expect(played.told("Deployment")).toEqual([
      "ScalingReplicaSet: Scaled up replica set web-HASH from 0 to 1",
      "ScalingReplicaSet: Scaled down replica set web-HASH from 1 to 0",
    ])
    const [back] = played.all("ReplicaSet").filter((set) => revisionOf(set) === 3)
    expect(back!.metadata.annotations?.["deployment.kubernetes.io/revision-history"]).toBe("1")
  })

  it("says why its Pods cannot be made, and goes on when they can", async () => {
    const quota = (pods: number): string =>
      `{ apiVersion: v1, kind: ResourceQuota, metadata: { name: q }, spec: { hard: { pods: ${pods} } } }`
    await using played = stage()
    await played.apply(quota(1))
    await played.apply(deployment("app:1", "replicas: 2"))
    const conditions = (): string[] =>
      (played.one("Deployment", "web").status as { conditions: { type: string; reason: string }[] }).conditions.map(
        ({ type, reason }) => `${type} ${reason}`,
      )
    expect(conditions()).toContain("ReplicaFailure FailedCreate")
    expect(played.told("ReplicaSet").at(-1)).toMatch(
      /^FailedCreate: Error creating: pods "web-HASH-SFX" is forbidden: exceeded quota: q/,
    )
    await played.apply(quota(2))
    await played.clock.advance(15_000)
    expect(conditions()).not.toContain("ReplicaFailure FailedCreate")
    expect(played.all("Pod")).toHaveLength(2)
  })
})

const revisionOf = ({ metadata }: KubeObject): number =>
  Number(metadata.annotations?.["deployment.kubernetes.io/revision"])

describe("a StatefulSet", () => {
  it.each([
    ["Retain", "Retain", "data-db-0 data-db-1", "data-db-0 data-db-1"],
    ["Delete", "Retain", "data-db-0", "data-db-0"],
    ["Retain", "Delete", "data-db-0 data-db-1", ""],
    ["Delete", "Delete", "data-db-0", ""],
  ])("claims: scaled %s, deleted %s", async (whenScaled, whenDeleted, scaled, deleted) => {
    const claims = `volumeClaimTemplates: [{ metadata: { name: data }, spec: { accessModes: [ReadWriteOnce], storageClassName: fast, resources: { requests: { storage: 1Gi } } } }]`
    const policy = `persistentVolumeClaimRetentionPolicy: { whenScaled: ${whenScaled}, whenDeleted: ${whenDeleted} }`
    await using played = stage(
      true,
      "{ apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: { name: fast }, provisioner: disks.example }",
    )
    const names = (): string =>
      played
        .all("PersistentVolumeClaim")
        .map(({ metadata }) => metadata.name!)
        .toSorted()
        .join(" ")
    await played.apply(statefulSet(`replicas: 2, ${claims}, ${policy}`))
    expect(names()).toBe("data-db-0 data-db-1")
    await played.apply(statefulSet(`replicas: 1, ${claims}, ${policy}`))
    expect(names()).toBe(scaled)
    await played.cluster.delete({ apiVersion: "apps/v1", kind: "StatefulSet", namespace: "default", name: "db" })
    await played.clock.advance(0)
    expect(names()).toBe(deleted)
  })
})

describe("a Job", () => {
  const failures = [{ match: { image: "app:error" }, kind: "Error" }] as const

  it.each([
    [
      "app:1",
      "completions: 3, completionMode: Indexed, successPolicy: { rules: [{ succeededIndexes: '0' }] }",
      "Complete SuccessPolicy",
    ],
    ["app:1", "parallelism: 3", "Complete CompletionsReached"],
    ["app:error", "backoffLimit: 0", "Failed BackoffLimitExceeded"],
    [
      "app:error",
      "podFailurePolicy: { rules: [{ action: FailJob, onExitCodes: { operator: In, values: [1] } }] }",
      "Failed PodFailurePolicy",
    ],
    [
      "app:error",
      "completions: 3, completionMode: Indexed, backoffLimitPerIndex: 0, parallelism: 3",
      "Failed FailedIndexes",
    ],
    [
      "app:error",
      "completions: 3, completionMode: Indexed, backoffLimitPerIndex: 0, maxFailedIndexes: 1",
      "Failed MaxFailedIndexesExceeded",
    ],
  ])("of %s with %s: %s", async (image, spec, wanted) => {
    await using played = stage({ failures })
    const pod = `template: { spec: { restartPolicy: Never, containers: [{ name: c, image: "${image}" }] } }`
    await played.apply(`{ apiVersion: batch/v1, kind: Job, metadata: { name: work }, spec: { ${pod}, ${spec} } }`)
    await played.clock.advance(1000)
    const { conditions } = played.one("Job", "work").status as { conditions: { type: string; reason: string }[] }
    expect(conditions.map(({ type, reason }) => `${type} ${reason}`).at(-1)).toBe(wanted)
  })
})

describe("a Pod", () => {
  it("that crashes waits longer and longer, as kubelets have it", async () => {
    await using played = stage({ failures: [{ match: {}, kind: "CrashLoopBackOff" }] })
    await played.apply(
      "{ apiVersion: v1, kind: Pod, metadata: { name: solo }, spec: { containers: [{ name: c, image: i }] } }",
    )
    const seen: string[] = []
    for (const ms of [0, 10_000, 20_000, 40_000]) {
      await played.clock.advance(ms)
      const [status] = (
        played.one("Pod", "solo").status as {
          containerStatuses: { restartCount: number; state: { waiting: { message: string } } }[]
        }
      ).containerStatuses
      seen.push(`${status!.restartCount} ${status!.state.waiting.message.split(" ")[1]}`)
    }
    expect(seen).toEqual(["1 10s", "2 20s", "3 40s", "4 1m20s"])
    expect(played.told("Pod").at(-1)).toBe('Pulled: Container image "i" already present on machine')
  })

  it("with a readiness probe runs before it is ready", async () => {
    await using played = stage({ failures: [{ match: {}, kind: "SlowStart", delayMs: 5000 }] })
    await played.apply(
      "{ apiVersion: v1, kind: Pod, metadata: { name: solo }, spec: { containers: [{ name: c, image: i, readinessProbe: { httpGet: { port: 80 } } }] } }",
    )
    const ready = (): unknown => {
      const { phase, containerStatuses } = played.one("Pod", "solo").status as {
        phase: string
        containerStatuses: { ready: boolean }[]
      }
      return `${phase} ${containerStatuses[0]!.ready}`
    }
    expect(ready()).toBe("Running false")
    await played.clock.advance(5000)
    expect(ready()).toBe("Running true")
  })

  it.each([
    [
      "log",
      { name: "log", message: /^Get "https:\/\/node-a:10250\/containerLogs\/default\/solo\/c\?tailLines=3": dial tcp/ },
    ],
    [
      "exec",
      {
        name: "exec",
        message:
          /^Internal error occurred: error sending request: Post "https:\/\/node-a:10250\/exec\/default\/solo\/c\?command=ls&output=1"/,
      },
    ],
    ["portforward", { name: "portforward", message: /^error dialing backend: dial tcp: lookup node-a: no such host$/ }],
  ])("has no kubelet that would serve its %s", async (path, { message }) => {
    await using played = stage()
    await played.apply(
      "{ apiVersion: v1, kind: Pod, metadata: { name: solo }, spec: { nodeName: node-a, containers: [{ name: c, image: i }] } }",
    )
    const query =
      path === "log"
        ? [["tailLines", "3"]]
        : path === "exec"
          ? [
              ["command", "ls"],
              ["stdout", "true"],
            ]
          : []
    const answer = await played.cluster.transport({
      method: "GET",
      path: `/api/v1/namespaces/default/pods/solo/${path}`,
      query: query as [string, string][],
    })
    const chunks: Uint8Array[] = []
    for await (const chunk of answer.body) chunks.push(chunk)
    expect(answer.status).toBe(500)
    expect((JSON.parse(Buffer.concat(chunks).toString("utf8")) as { message: string }).message).toMatch(message)
  })
})

describe("a quota", () => {
  it("counts amounts within its scopes, and refuses what is beyond or unsaid", async () => {
    await using played = stage()
    const pod = (name: string, requests: string): string =>
      `{ apiVersion: v1, kind: Pod, metadata: { name: ${name} }, spec: { containers: [{ name: c, image: i, resources: { requests: { ${requests} } } }] } }`
    await played.apply(
      "{ apiVersion: v1, kind: ResourceQuota, metadata: { name: q }, spec: { hard: { requests.cpu: 1, pods: 9 }, scopes: [NotBestEffort] } }",
    )
    await played.apply(pod("one", "cpu: 600m"))
    await played.apply(pod("free", ""))
    expect(played.one("ResourceQuota", "q").status).toMatchObject({ used: { "requests.cpu": "600m", pods: "1" } })
    await expect(played.apply(pod("two", "cpu: 600m"))).rejects.toThrow(
      /exceeded quota: q, requested: requests.cpu=600m, used: requests.cpu=600m, limited: requests.cpu=1/,
    )
    await expect(played.apply(pod("three", "memory: 1Gi"))).rejects.toThrow(
      /failed quota: q: must specify requests.cpu for: c/,
    )
  })
})

describe("a Service", () => {
  it("has Endpoints and slices of its Pods, and takes the Endpoints with it", async () => {
    await using played = stage()
    await played.apply(
      "{ apiVersion: v1, kind: Service, metadata: { name: web }, spec: { selector: { app: a }, ports: [{ port: 80, targetPort: 8080 }] } }",
    )
    await played.apply(deployment("app:1", "replicas: 2"))
    const { subsets } = played.one("Endpoints", "web") as unknown as {
      subsets: { addresses: unknown[]; ports: unknown }[]
    }
    expect(subsets[0]!.addresses).toHaveLength(2)
    expect(subsets[0]!.ports).toEqual([{ port: 8080, protocol: "TCP" }])
    expect((played.all("EndpointSlice")[0] as unknown as { endpoints: unknown[] }).endpoints).toHaveLength(2)
    await played.cluster.delete({ apiVersion: "v1", kind: "Service", namespace: "default", name: "web" })
    await played.clock.advance(0)
    expect([...played.all("Endpoints"), ...played.all("EndpointSlice")]).toEqual([])
  })
})
