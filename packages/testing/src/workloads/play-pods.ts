import {
  type Clock,
  type Cluster,
  formatTime,
  isClusterError,
  type KindRef,
  type KubeObject,
  refOf,
  systemClock,
} from "@gitops-toolkit/kube"
import { nodes } from "../cluster/workloads/nodes.ts"
import { type AutoReady, failureOf } from "../cluster/workloads/options.ts"
import { createRecorder, type EventSink } from "../cluster/workloads/record.ts"
import { controllerOf } from "../cluster/workloads/shapes.ts"
import type { Action, View } from "../cluster/workloads/step.ts"
import { stepPod } from "../cluster/workloads/steps/pod.ts"

/** Options of `playPods`. */
export interface PlayPodsOptions extends AutoReady {
  readonly clock?: Clock
  /** Ends the play. */
  readonly signal: AbortSignal
}

const watched: ReadonlyMap<string, KindRef> = new Map([
  ["pods", { apiVersion: "v1", kind: "Pod" }],
  ["nodes", { apiVersion: "v1", kind: "Node" }],
  ["persistentvolumeclaims", { apiVersion: "v1", kind: "PersistentVolumeClaim" }],
  ["replicasets.apps", { apiVersion: "apps/v1", kind: "ReplicaSet" }],
  ["jobs.batch", { apiVersion: "batch/v1", kind: "Job" }],
])
const ownerTables: { readonly [kind: string]: string } = { Job: "jobs.batch", ReplicaSet: "replicasets.apps" }
const heartbeatMs = 10_000
const leases = "kube-node-lease"

/**
 * Plays the scheduler and the kubelets of two nodes on a server whose controllers are at work but which has no nodes of
 * its own: Pods are bound, run, become ready, end and go exactly as those of `createCluster({ autoReady })`. Resolves
 * once `signal` aborted.
 */
export async function playPods(cluster: Cluster, options: PlayPodsOptions): Promise<void> {
  await settleNodes(cluster, options)
  const caches = new Map<string, Map<string, KubeObject>>([...watched.keys()].map((table) => [table, new Map()]))
  const play = createPlay(cluster, caches, options)
  const watches = [...watched].map(([table, kind]) =>
    watchKind(cluster, kind, { cache: caches.get(table)!, onChange: (key) => play.changed(table, key), ...options }),
  )
  await Promise.all([...watches, beat(cluster, options)])
  await play.ended()
}

/** Makes the nodes, and keeps them from being held for dead. */
async function settleNodes(cluster: Cluster, { signal }: PlayPodsOptions): Promise<void> {
  for (const node of nodes) {
    await cluster.apply({ ...node, status: {} } as KubeObject, { fieldManager: "workloads", force: true, signal })
    const patch = { status: node.status }
    await cluster.patch(refOf(node), { type: "merge", patch }, { subresource: "status", signal })
  }
}

async function beat(cluster: Cluster, { clock = systemClock, signal }: PlayPodsOptions): Promise<void> {
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: leases } }
  const write = { fieldManager: "workloads", force: true, signal }
  try {
    await cluster.apply(namespace, write)
    for (; !signal.aborted; await clock.sleep(heartbeatMs, { signal })) {
      const renewTime = new Date(clock.now()).toISOString().replace("Z", "000Z")
      for (const { metadata } of nodes) {
        const spec = { holderIdentity: metadata.name, leaseDurationSeconds: 40, renewTime }
        const lease = { apiVersion: "coordination.k8s.io/v1", kind: "Lease" }
        await cluster.apply({ ...lease, metadata: { name: metadata.name!, namespace: leases }, spec }, write)
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

interface WatchPart {
  readonly cache: Map<string, KubeObject>
  readonly onChange: (key: string) => void
  readonly signal: AbortSignal
}

const keyOf = ({ metadata: { namespace, name } }: KubeObject): string =>
  namespace === undefined ? name! : `${namespace}/${name}`

async function watchKind(cluster: Cluster, kind: KindRef, { cache, onChange, signal }: WatchPart): Promise<void> {
  for await (const event of cluster.watch(kind, { signal })) {
    if (event.type === "listed") {
      cache.clear()
      for (const object of event.objects) cache.set(keyOf(object), object)
      for (const key of cache.keys()) onChange(key)
    } else if ("object" in event) {
      const key = keyOf(event.object)
      if (event.type === "deleted") cache.delete(key)
      else cache.set(key, event.object)
      onChange(key)
    }
  }
}

interface Play {
  changed(table: string, key: string): void
  /** Resolves when nothing is under way. */
  ended(): Promise<void>
}

type Caches = ReadonlyMap<string, ReadonlyMap<string, KubeObject>>

/** Looks at each Pod that changed, one look at a time for each; at all unscheduled ones when nodes or claims change. */
function createPlay(cluster: Cluster, caches: Caches, options: PlayPodsOptions): Play {
  const { clock = systemClock, signal } = options
  const view = viewOf(caches, options)
  const tell = createRecorder(eventsOn(cluster, options))
  const pods = caches.get("pods")!
  const working = new Map<string, Promise<void>>()
  const again = new Set<string>()
  const wakes = new Set<Promise<void>>()
  const look = async (key: string): Promise<void> => {
    const pod = pods.get(key)
    for (const action of pod && !signal.aborted ? stepPod(pod, view) : []) {
      if (action.type === "tell") tell(action.notice)
      else if (action.type !== "wake") {
        // What was not done is not told of.
        if (!(await carryOut(cluster, action, signal))) return
      } else {
        const wake = clock.sleep(Math.max(1, action.atMs - clock.now()), { signal }).then(
          () => add(key),
          () => undefined,
        )
        wakes.add(wake)
        void wake.finally(() => wakes.delete(wake))
      }
    }
  }
  const add = (key: string): void => {
    if (working.has(key)) return void again.add(key)
    const work = look(key).finally(() => {
      working.delete(key)
      if (again.delete(key)) add(key)
    })
    working.set(key, work)
  }
  return {
    changed(table, key) {
      if (table === "pods") return add(key)
      if (table !== "nodes" && table !== "persistentvolumeclaims") return
      for (const [each, pod] of pods) if (!(pod.spec as { readonly nodeName?: string }).nodeName) add(each)
    },
    async ended() {
      await Promise.all([...working.values(), ...wakes])
    },
  }
}

function viewOf(caches: Caches, options: PlayPodsOptions): View {
  const { clock = systemClock, delayMs = 0 } = options
  let addresses = 1
  let turns = 0
  const get = (table: string, namespace: string | undefined, name: string): KubeObject | undefined =>
    caches.get(table)?.get(namespace === undefined ? name : `${namespace}/${name}`)
  const namesAbove = (pod: KubeObject): string[] => {
    const names: string[] = []
    let at: KubeObject | undefined = pod
    for (let owner = controllerOf(pod); owner && names.length < 8; owner = at && controllerOf(at)) {
      names.push(owner.name)
      at = get(ownerTables[owner.kind] ?? "", pod.metadata.namespace, owner.name)
    }
    return names
  }
  return {
    get nowMs() {
      return clock.now()
    },
    get now() {
      return formatTime(new Date(clock.now()))
    },
    delayMs,
    list: (table, namespace) =>
      [...(caches.get(table)?.values() ?? [])].filter(
        ({ metadata }) => namespace === undefined || metadata.namespace === namespace,
      ),
    get,
    controlledBy: () => [],
    orphans: () => [],
    failureOf: (pod) => failureOf(pod, namesAbove(pod), options),
    nextAddress: () => {
      const number = ++addresses
      return `10.244.${(number >> 8) & 255}.${number & 255}`
    },
    nextTurn: () => turns++,
  }
}

/** Keeps events on the cluster, without waiting for that. */
function eventsOn(cluster: Cluster, { clock = systemClock, signal }: PlayPodsOptions): EventSink {
  const counts = new Map<string, number>()
  const ignore = (work: Promise<unknown>): void =>
    void work.catch((error: unknown) => {
      // An event is worth no failure: its namespace may be ending.
      if (!isClusterError(error) && !signal.aborted) throw error
    })
  return {
    nowMs: () => clock.now(),
    create: (event) => ignore(cluster.create(event, { signal })),
    repeat(event, message) {
      const count = (counts.get(event.metadata.name!) ?? 1) + 1
      counts.set(event.metadata.name!, count)
      const patch = { count, message, lastTimestamp: formatTime(new Date(clock.now())) }
      ignore(cluster.patch(refOf(event), { type: "merge", patch }, { signal }))
      return true
    },
  }
}

/** Does what is wanted; false when the object had moved on. */
async function carryOut(
  cluster: Cluster,
  action: Exclude<Action, { type: "wake" | "tell" }>,
  signal: AbortSignal,
): Promise<boolean> {
  const { object } = action
  const { name, namespace, uid } = object.metadata
  try {
    if (action.type === "delete") {
      const preconditions = { uid: uid! }
      await cluster.delete(refOf(object), { ...(action.now ? { gracePeriodSeconds: 0 } : {}), preconditions, signal })
    } else if (action.type === "store") {
      const target = { apiVersion: "v1", kind: "Node", name: (object.spec as { readonly nodeName: string }).nodeName }
      const metadata = { name: name!, namespace: namespace! }
      await cluster.create({ apiVersion: "v1", kind: "Binding", metadata, target }, { signal })
    } else if (action.type === "status") {
      await cluster.update(object, { subresource: "status", signal })
    }
    return true
  } catch (error) {
    // Changed or gone meanwhile: the watch brings the newer state, which is looked at instead.
    if (!signal.aborted && !isClusterError(error, "Conflict", "NotFound")) throw error
    return false
  }
}
