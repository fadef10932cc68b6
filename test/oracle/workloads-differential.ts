// Stories of workloads on two clusters: the embedded one and a real control plane must end in the same state.
//
//   node --conditions=@gitops-toolkit/source test/oracle/workloads-differential.ts [--only TEXT] [--show N] [--jobs N] [--patience SECONDS]
//     [--without KIND]
//
// The real one is etcd, kube-apiserver and kube-controller-manager (KUBEBUILDER_ASSETS); the same steps play the scheduler and the
// kubelets on both. After each step of a story all objects of its namespace are compared, Events among them; names of
// chance, hashes, times and addresses are normalised. The embedded cluster's clock is advanced by the seconds that the real
// one waits. A story that differs is played once more before it counts.
import { parseArgs } from "node:util"
import { type Cluster, type KubeObject, refOf } from "@gitops-toolkit/kube"
import { parseManifests } from "@gitops-toolkit/kube/manifest"
import { createClock, createCluster, missingBinaries, startControlPlane } from "@gitops-toolkit/testing"
import { differences, normalise } from "./workloads/normalise.ts"
import { failures, type Story, stories, type StoryStep } from "./workloads/stories.ts"

const { values } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    show: { type: "string", default: "30" },
    jobs: { type: "string", default: "8" },
    patience: { type: "string", default: "20" },
    without: { type: "string", default: "-" },
  },
})

const kinds = [
  "v1 Pod",
  "apps/v1 ReplicaSet",
  "apps/v1 Deployment",
  "apps/v1 StatefulSet",
  "apps/v1 DaemonSet",
  "apps/v1 ControllerRevision",
  "batch/v1 Job",
  "batch/v1 CronJob",
  "v1 PersistentVolumeClaim",
  "v1 PersistentVolume",
  "policy/v1 PodDisruptionBudget",
  "v1 Service",
  "v1 Endpoints",
  "discovery.k8s.io/v1 EndpointSlice",
  "autoscaling/v2 HorizontalPodAutoscaler",
  "v1 ResourceQuota",
  "v1 ReplicationController",
  "v1 ServiceAccount",
  "v1 ConfigMap",
  "v1 Namespace",
  "v1 Event",
].map((text) => {
  const [apiVersion = "", kind = ""] = text.split(" ")
  return { apiVersion, kind }
})
const known = new Set(kinds.map(({ kind }) => kind).filter((kind) => kind !== values.without))

/** A cluster, and what is in the namespace of a story. */
interface Stage {
  readonly cluster: Cluster
  pass(seconds: number): Promise<void>
  objects(): readonly KubeObject[]
  /** What is or was there. */
  ever(): readonly KubeObject[]
}

/** All objects of a server, and all that it ever had. */
interface Record {
  readonly objects: ReadonlyMap<string, KubeObject>
  readonly ever: ReadonlyMap<string, KubeObject>
}

/** What is a race on the real server: parts of lines. */
const races = [
  // Whether the Deployment's controller saw the new ReplicaSet before it had Pods.
  '"NewReplicaSetCreated" | "ReplicaSetUpdated"',
  '"Created new replica set',
  // Whether the budget's controller saw Pods of a controller that had gone.
  "CalculateExpectedPodCountFailed",
  // Whether the CronJob's controller saw that a Job ended before it deleted it.
  "MissingJob cronjob-controller",
  "SawCompletedJob cronjob-controller",
  // Whether two controllers write a claim at once.
  "FailedUpdate statefulset-controller",
  // A repair loop of the real server tells of Services now and then, whenever it comes round.
  "ClusterIPNotAllocated",
]

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Keeps all objects of a server at hand. */
function follow(cluster: Cluster, signal: AbortSignal): Record {
  const objects = new Map<string, KubeObject>()
  const ever = new Map<string, KubeObject>()
  const keyOf = ({ kind, metadata }: KubeObject): string => `${kind}/${metadata.namespace ?? ""}/${metadata.name}`
  const keep = (object: KubeObject): void => {
    objects.set(keyOf(object), object)
    ever.set(`${keyOf(object)} ${object.metadata.uid}`, object)
  }
  const watch = async (kind: (typeof kinds)[number]): Promise<void> => {
    for await (const event of cluster.watch(kind, { signal })) {
      if (event.type === "listed") for (const object of event.objects) keep(object)
      else if (event.type === "deleted") objects.delete(keyOf(event.object))
      else if ("object" in event) keep(event.object)
    }
  }
  for (const kind of kinds) {
    watch(kind).catch((error: unknown) => {
      if (!signal.aborted) throw error
    })
  }
  return { objects, ever }
}

function isOf(story: Story, { kind, metadata }: KubeObject): boolean {
  if (!known.has(kind)) return false
  return metadata.namespace === undefined
    ? metadata.name === story.name || (kind !== "Namespace" && metadata.name!.startsWith(`${story.name}-`))
    : metadata.namespace === story.name
}

async function perform({ cluster, pass, objects }: Stage, story: Story, step: StoryStep): Promise<void> {
  const named = (text: string): KubeObject[] => parseManifests(text.replaceAll("STORY", story.name)) as KubeObject[]
  const find = (text: string): KubeObject => {
    const [kind, name] = text.replaceAll("STORY", story.name).split("/")
    const found = objects().filter(
      (each) => each.kind === kind && (each.metadata.name === name || each.metadata.name!.startsWith(`${name}-`)),
    )
    if (!found[0]) throw new Error(`${story.name}: no ${text}`)
    return found.toSorted((a, b) => (a.metadata.name! < b.metadata.name! ? -1 : 1))[0]!
  }
  if ("apply" in step) {
    const text = step.apply.replaceAll(/UID\(([^)]+)\)/g, (_, ref: string) => find(ref).metadata.uid!)
    for (const object of named(text)) {
      const clusterWide = ["Namespace", "PersistentVolume", "StorageClass", "PriorityClass"].includes(object.kind)
      const metadata = clusterWide ? object.metadata : { ...object.metadata, namespace: story.name }
      await cluster.apply({ ...object, metadata }, { fieldManager: "user", force: true })
    }
  } else if ("patch" in step) {
    const options = step.subresource === undefined ? {} : { subresource: step.subresource }
    await cluster.patch(refOf(find(step.patch)), { type: "merge", patch: step.by }, options)
  } else if ("delete" in step) {
    await cluster.delete(refOf(find(step.delete)), { propagation: step.propagation ?? "Background" })
  } else if ("wait" in step) await pass(step.wait)
}

/** What differs after the step, asked again and again while the real server is at work. */
async function compare(real: Stage, ours: Stage, passes: readonly string[]): Promise<string[]> {
  const patience = Number(values.patience)
  let found: string[] = []
  let calm = 0
  for (let turn = 0; turn < patience * 2 + calm; turn++) {
    const a = normalise(real.objects(), real.ever())
    const b = normalise(ours.objects(), ours.ever())
    const titles = new Set([...a.keys(), ...b.keys()])
    found = [...titles]
      .toSorted()
      .flatMap((title) => differences(title, a.get(title) ?? [], b.get(title) ?? []))
      .filter((line) => !passes.some((each) => line.includes(each)))
    // A server that has not begun yet is no equal.
    calm = found.length === 0 ? calm + 1 : 0
    if (calm === 4) return []
    await pause(500)
    await ours.pass(0.5)
  }
  return found
}

/** What differs after the first step that ends in different states. */
async function play(story: Story, realCluster: Cluster, record: Record): Promise<string[]> {
  const clock = createClock(Date.now())
  await using cluster = createCluster({ clock, autoReady: { failures } })
  const ending = new AbortController()
  await using _ = { [Symbol.asyncDispose]: async () => ending.abort() }
  const own = follow(cluster, ending.signal)
  const mine = (object: KubeObject): boolean => isOf(story, object)
  const real: Stage = {
    cluster: realCluster,
    pass: (seconds) => pause(seconds * 1000),
    objects: () => [...record.objects.values()].filter(mine),
    ever: () => [...record.ever.values()].filter(mine),
  }
  const ours: Stage = {
    cluster,
    pass: (seconds) => clock.advance(seconds * 1000),
    objects: () => cluster.objects().filter(mine),
    ever: () => [...own.ever.values()].filter(mine),
  }
  const opening: StoryStep = { apply: `apiVersion: v1\nkind: Namespace\nmetadata: { name: ${story.name} }` }
  for (const [turn, step] of [opening, ...story.steps].entries()) {
    await Promise.all([real, ours].map((stage) => perform(stage, story, step)))
    await ours.pass(1)
    if (step.compare === false) await pause(1000)
    const passes = [...races, ...(story.known ?? [])]
    const shown = step.compare === false ? [] : await compare(real, ours, passes)
    if (shown.length > 0) return [`step ${turn}: ${JSON.stringify(step).slice(0, 160)}`, ...shown]
  }
  return []
}

const playSafely = (story: Story, real: Cluster, record: Record): Promise<string[]> =>
  play(story, real, record).catch((error: unknown) => [String((error as Error).stack)])

async function main(): Promise<number> {
  const missing = missingBinaries({ controllers: true })
  if (missing.length > 0) {
    console.log(`workloads-differential: SKIPPED, there is no ${missing.join(" and ")} (set KUBEBUILDER_ASSETS)`)
    return 0
  }
  await using plane = await startControlPlane({ controllers: true, autoReady: { failures } })
  const ending = new AbortController()
  const record = follow(plane, ending.signal)
  const waiting = stories.filter(({ name }) => name.includes(values.only))
  const total = waiting.length
  let failed = 0
  const work = async (): Promise<void> => {
    for (let story = waiting.shift(); story; story = waiting.shift()) {
      const first = await playSafely(story, plane, record)
      // A race of the real server ends in another state the second time; a wrong rule does not.
      const second =
        first.length === 0 ? [] : await playSafely({ ...story, name: `${story.name}-again` }, plane, record)
      if (second.length > 0) failed++
      console.log(`${second.length > 0 ? "FAIL" : first.length > 0 ? "race" : "ok  "} ${story.name}`)
      for (const line of first.slice(0, Number(values.show))) console.log(`       ${line}`)
    }
  }
  await Promise.all(Array.from({ length: Number(values.jobs) }, work))
  ending.abort()
  console.log(`${total - failed} passed, ${failed} failed`)
  return failed
}

process.exitCode = (await main()) === 0 ? 0 : 1
