import type { KubeObject } from "@gitops-toolkit/kube"
import { parseManifests } from "@gitops-toolkit/kube/manifest"
import { describe, expect, it } from "vitest"
import { createClock, type TestClock } from "../../clock.ts"
import { type AutoReady, createCluster, type TestCluster } from "../../create-cluster.ts"

const template = (app: string, image: string = "app:1"): object => ({
  metadata: { labels: { app } },
  spec: { containers: [{ name: "main", image }] },
})

function deployment(name: string, more: { readonly image?: string; readonly spec?: object } = {}): KubeObject {
  const spec = { replicas: 3, selector: { matchLabels: { app: name } }, template: template(name, more.image) }
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: "default" },
    spec: { ...spec, ...more.spec },
  }
}

interface Stage extends AsyncDisposable {
  readonly cluster: TestCluster
  readonly clock: TestClock
  read(kind: string, name: string): Promise<KubeObject | undefined>
  /** `name phase` of all Pods, or why their first container waits. */
  pods(): readonly string[]
}

const apiVersions: { readonly [kind: string]: string } = {
  Deployment: "apps/v1",
  DaemonSet: "apps/v1",
  StatefulSet: "apps/v1",
  Job: "batch/v1",
  CronJob: "batch/v1",
}

function stage(autoReady: AutoReady | true = true): Stage {
  const clock = createClock()
  const cluster = createCluster({ clock, autoReady })
  return {
    cluster,
    clock,
    async read(kind, name) {
      await clock.advance(0)
      const apiVersion = apiVersions[kind] ?? "v1"
      return cluster
        .objects()
        .find((object) => object.apiVersion === apiVersion && object.kind === kind && object.metadata.name === name)
    },
    pods: () =>
      cluster
        .objects()
        .filter(({ kind }) => kind === "Pod")
        .map(summary),
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  }
}

function summary({ metadata, status }: KubeObject): string {
  const { phase, containerStatuses = [] } = status as {
    readonly phase: string
    readonly containerStatuses?: readonly { readonly state: { readonly waiting?: { readonly reason: string } } }[]
  }
  return `${metadata.name!.replace(/-[a-z0-9]{5}$/, "-*")} ${containerStatuses[0]?.state.waiting?.reason ?? phase}`
}

interface Conditioned {
  readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason: string }[]
}

function conditionsOf(object: KubeObject | undefined): string[] {
  const { conditions = [] } = (object?.status ?? {}) as Conditioned
  return conditions.map(({ type, status, reason }) => `${type} ${status} ${reason}`)
}

describe("workloads", () => {
  it("are not played unless asked for", async () => {
    const clock = createClock()
    await using cluster = createCluster({ clock })
    await cluster.create(deployment("web"))
    await clock.advance(60_000)
    expect(cluster.objects().map(({ kind }) => kind)).toEqual(["Deployment"])
  })

  it("leave no sleeper behind", async () => {
    const played = stage({ delayMs: 10_000 })
    await played.cluster.create(deployment("web"))
    await played.clock.advance(0)
    expect(played.clock.sleepers).toBeGreaterThan(0)
    await played.cluster[Symbol.asyncDispose]()
    await played.clock.advance(0)
    expect(played.clock.sleepers).toBe(0)
  })

  it("start after their delay", async () => {
    await using played = stage({ delayMs: 10_000 })
    await played.cluster.create(deployment("web"))
    expect((await played.read("Deployment", "web"))?.status).toMatchObject({ replicas: 3, unavailableReplicas: 3 })
    expect(played.pods()[0]).toMatch(/ ContainerCreating$/)
    await played.clock.advance(10_000)
    expect((await played.read("Deployment", "web"))?.status).toMatchObject({ readyReplicas: 3, availableReplicas: 3 })
  })

  it("roll back to the ReplicaSet of a former template, under a new revision", async () => {
    await using played = stage()
    const { cluster } = played
    await cluster.apply(deployment("web"), { fieldManager: "test" })
    await cluster.apply(deployment("web", { image: "app:2" }), { fieldManager: "test" })
    await played.clock.advance(0)
    await cluster.apply(deployment("web"), { fieldManager: "test" })
    await played.clock.advance(0)
    const sets = cluster.objects().filter(({ kind }) => kind === "ReplicaSet")
    const rows = sets.map(({ metadata, spec }) => {
      const revision = metadata.annotations?.["deployment.kubernetes.io/revision"]
      return `revision ${revision}: ${(spec as { readonly replicas: number }).replicas}`
    })
    expect(new Set(rows)).toEqual(new Set(["revision 2: 0", "revision 3: 3"]))
    expect(played.pods()).toHaveLength(3)
  })

  it.each(["RollingUpdate", "Recreate"])("never surpass what %s allows", async (type) => {
    await using played = stage({ delayMs: 1000 })
    const { cluster, clock } = played
    const strategy = type === "Recreate" ? { type } : { type, rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } }
    await cluster.apply(deployment("web", { spec: { replicas: 4, strategy } }), { fieldManager: "test" })
    await clock.advance(1000)
    await cluster.apply(deployment("web", { image: "app:2", spec: { replicas: 4, strategy } }), {
      fieldManager: "test",
    })
    const counts: number[] = []
    for (let second = 0; second < 10; second++) {
      await clock.advance(500)
      const { availableReplicas = 0 } = (await played.read("Deployment", "web"))!.status as {
        availableReplicas?: number
      }
      counts.push(availableReplicas)
      expect(played.pods().length).toBeLessThanOrEqual(type === "Recreate" ? 4 : 5)
    }
    expect(Math.min(...counts)).toBe(type === "Recreate" ? 0 : 3)
    expect(counts.at(-1)).toBe(4)
  })

  it("tell that a roll-out is overdue", async () => {
    await using played = stage({ failures: [{ match: { name: "web" }, kind: "ImagePullBackOff" }] })
    await played.cluster.create(deployment("web", { spec: { progressDeadlineSeconds: 60 } }))
    await played.clock.advance(30_000)
    expect(conditionsOf(await played.read("Deployment", "web"))).toEqual([
      "Available False MinimumReplicasUnavailable",
      "Progressing True ReplicaSetUpdated",
    ])
    await played.clock.advance(32_000)
    expect(conditionsOf(await played.read("Deployment", "web"))[1]).toBe("Progressing False ProgressDeadlineExceeded")
  })

  it.each([
    ["CrashLoopBackOff", "CrashLoopBackOff"],
    ["ImagePullBackOff", "ImagePullBackOff"],
    ["Pending", "Pending"],
    ["Error", "CrashLoopBackOff"],
  ] as const)("fail by %s, and heal with another image", async (kind, shown) => {
    await using played = stage({ failures: [{ match: { image: "app:broken" }, kind }] })
    const { cluster, clock } = played
    await cluster.apply(deployment("web", { image: "app:broken" }), { fieldManager: "test" })
    await clock.advance(0)
    expect(played.pods().map((row) => row.split(" ")[1])).toEqual([shown, shown, shown])
    await cluster.apply(deployment("web", { image: "app:2" }), { fieldManager: "test" })
    await clock.advance(0)
    expect(played.pods().map((row) => row.split(" ")[1])).toEqual(["Running", "Running", "Running"])
  })

  it("start slowly where told", async () => {
    const failures = [{ match: { namespace: "default", name: "slow" }, kind: "SlowStart", delayMs: 5000 }] as const
    await using played = stage({ failures })
    for (const name of ["quick", "slow"]) await played.cluster.create(deployment(name, { spec: { replicas: 1 } }))
    await played.clock.advance(0)
    expect(played.pods().map((row) => row.split(" ")[1])).toEqual(["Running", "ContainerCreating"])
    await played.clock.advance(5000)
    expect(played.pods().map((row) => row.split(" ")[1])).toEqual(["Running", "Running"])
  })

  it("run StatefulSets in order, and replace their Pods from the last", async () => {
    await using played = stage({ delayMs: 1000 })
    const { cluster, clock } = played
    const set = (image: string): KubeObject => ({
      ...deployment("db", { image, spec: { serviceName: "db", strategy: undefined } }),
      kind: "StatefulSet",
    })
    await cluster.apply(set("app:1"), { fieldManager: "test" })
    const seen: number[] = []
    for (let second = 0; second < 4; second++) {
      await clock.advance(second === 0 ? 0 : 1000)
      seen.push(played.pods().length)
    }
    expect(seen).toEqual([1, 2, 3, 3])
    await cluster.apply(set("app:2"), { fieldManager: "test" })
    await clock.advance(0)
    expect(played.pods()).toEqual(["db-0 Running", "db-1 Running", "db-2 ContainerCreating"])
    await clock.advance(4000)
    const { currentRevision, updateRevision, updatedReplicas } = (await played.read("StatefulSet", "db"))!
      .status as Record<string, unknown>
    expect(updatedReplicas).toBe(3)
    expect(currentRevision).toBe(updateRevision)
  })
})

const batch = `
apiVersion: batch/v1
kind: Job
metadata: { name: once, namespace: default }
spec:
  backoffLimit: 2
  template:
    spec: { restartPolicy: Never, containers: [{ name: main, image: app:1 }] }
---
apiVersion: batch/v1
kind: CronJob
metadata: { name: hourly, namespace: default }
spec:
  schedule: "0 * * * *"
  successfulJobsHistoryLimit: 2
  jobTemplate:
    spec:
      template:
        spec: { restartPolicy: Never, containers: [{ name: main, image: app:1 }] }
`

describe("jobs", () => {
  it("fail after their back-offs", async () => {
    await using played = stage({ failures: [{ match: { name: "once" }, kind: "Error" }] })
    await played.cluster.create(parseManifests(batch)[0]!)
    await played.clock.advance(0)
    expect(played.pods()).toEqual(["once-* Failed"])
    await played.clock.advance(11_000)
    expect(played.pods()).toHaveLength(2)
    await played.clock.advance(21_000)
    const job = await played.read("Job", "once")
    expect(job?.status).toMatchObject({ failed: 3 })
    expect(conditionsOf(job)).toEqual(["FailureTarget True BackoffLimitExceeded", "Failed True BackoffLimitExceeded"])
  })

  it("are made at the times of a schedule, and the oldest are deleted", async () => {
    await using played = stage()
    await played.cluster.create(parseManifests(batch)[1]!)
    await played.clock.advance(4 * 3_600_000)
    const jobs = played.cluster.objects().filter(({ kind }) => kind === "Job")
    const startMinute = Date.UTC(2026, 0, 1) / 60_000
    expect(jobs.map(({ metadata }) => metadata.name)).toEqual([180, 240].map((more) => `hourly-${startMinute + more}`))
    expect((await played.read("CronJob", "hourly"))?.status).toMatchObject({ lastScheduleTime: "2026-01-01T04:00:00Z" })
  })
})
