import { isClusterError, refOf, systemClock, type Clock, type Cluster, type KubeObject } from "@gitops-toolkit/kube"
import { readyStatuses, type ReadyStatus } from "./workloads/status.ts"

/** Options of `playWorkloads`. */
export interface PlayWorkloadsOptions {
  readonly clock?: Clock
  /** Ends the play. */
  readonly signal: AbortSignal
}

/**
 * Plays the controllers and kubelets that a bare API server lacks: Deployments, StatefulSets, DaemonSets, Jobs, claims, Pods
 * and load balancers get the status of a roll-out that went well, soon after each change of their spec. It writes
 * statuses only, with preconditions, and works on any `Cluster`: the embedded one and a real kube-apiserver. Never run
 * it on a cluster whose own controllers are at work. Resolves once `signal` aborted and its watches have ended.
 *
 * @example
 * const stop = new AbortController()
 * const playing = playWorkloads(controlPlane.cluster, { signal: stop.signal })
 */
export async function playWorkloads(cluster: Cluster, options: PlayWorkloadsOptions): Promise<void> {
  const kinds = [...readyStatuses].map(([key, status]) => {
    const [apiVersion = "", kind = ""] = key.split(" ")
    return playKind(cluster, { apiVersion, kind, status, ...options })
  })
  await Promise.all(kinds)
}

interface Part extends PlayWorkloadsOptions {
  readonly apiVersion: string
  readonly kind: string
  readonly status: ReadyStatus
}

async function playKind(cluster: Cluster, part: Part): Promise<void> {
  const { apiVersion, kind, signal } = part
  for await (const event of cluster.watch({ apiVersion, kind }, { signal })) {
    if (event.type === "listed") for (const object of event.objects) await playObject(cluster, object, part)
    if (event.type === "added" || event.type === "modified") await playObject(cluster, event.object, part)
  }
}

async function playObject(cluster: Cluster, object: KubeObject, part: Part): Promise<void> {
  const { status, clock = systemClock, signal } = part
  const { generation, resourceVersion, deletionTimestamp } = object.metadata
  const known = object.status as { observedGeneration?: number; phase?: string; completionTime?: string } | undefined
  if (deletionTimestamp !== undefined || signal.aborted) return
  const done = known?.completionTime ?? (known?.phase === "Pending" ? undefined : known?.phase)
  if (done !== undefined || (known?.observedGeneration ?? -1) === generation) return
  const at = `${new Date(clock.now()).toISOString().slice(0, 19)}Z`
  const next = status(object, at)
  if (next === undefined || (part.kind === "Service" && isPlayed(object))) return
  const patch = { metadata: { resourceVersion }, status: next }
  try {
    await cluster.patch(
      refOf(object),
      { type: "merge", patch },
      { subresource: "status", fieldManager: "workloads", signal },
    )
  } catch (error) {
    // Changed or gone meanwhile: the watch brings the newer state, which is played instead.
    if (!signal.aborted && !isClusterError(error, "Conflict", "NotFound")) throw error
  }
}

function isPlayed(service: KubeObject): boolean {
  const { loadBalancer } = (service.status ?? {}) as { loadBalancer?: { ingress?: readonly unknown[] } }
  return (loadBalancer?.ingress?.length ?? 0) > 0
}
