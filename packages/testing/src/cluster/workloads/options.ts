import type { KubeObject } from "@gitops-toolkit/kube"

/** Which Pods a failure befalls; what is left out matches all. */
export interface FailureMatch {
  readonly namespace?: string
  /** Name of the Pod or of any controller above it, like the Deployment's. */
  readonly name?: string
  /** The image of any of its containers, as written in the Pod. */
  readonly image?: string
}

/**
 * How Pods fail: their containers end again and again (`CrashLoopBackOff`, with the back-offs of a kubelet), their image
 * cannot be pulled (`ImagePullBackOff`), no node takes them (`Pending`), they end with exit code 1 (`Error`: what is to be
 * restarted crashes again and again), or they only become ready later (`SlowStart`: with a readiness probe they run
 * meanwhile). What is never to be restarted fails instead of crashing again.
 */
export type FailureKind = "CrashLoopBackOff" | "ImagePullBackOff" | "Pending" | "Error" | "SlowStart"

/** What goes wrong with some Pods. */
export interface WorkloadFailure {
  readonly match: FailureMatch
  readonly kind: FailureKind
  /** For `SlowStart`: how long after its creation a Pod is ready; default 60,000. */
  readonly delayMs?: number
}

/**
 * How workloads are played. There are two nodes, `node-a` and `node-b`; a Pod that fits on none stays Pending, as does a
 * claim that no PersistentVolume fits and whose StorageClass is not there to provide one: put one of them among the
 * cluster's objects.
 *
 * @example
 * createCluster({ autoReady: { failures: [{ match: { image: "app:broken" }, kind: "CrashLoopBackOff" }] } })
 */
export interface AutoReady {
  /** How long after its creation a Pod runs and is ready, and after that a Pod of a Job ends; default 0. */
  readonly delayMs?: number
  /** The first one that matches a Pod counts. A Pod is judged until it runs: a new image may heal its successor. */
  readonly failures?: readonly WorkloadFailure[]
}

/** The first failure that befalls a Pod whose controllers have the given names. */
export function failureOf(
  pod: KubeObject,
  owners: readonly string[],
  { failures = [] }: AutoReady,
): WorkloadFailure | undefined {
  const names = [pod.metadata.name, ...owners]
  const { containers = [], initContainers = [] } = (pod.spec ?? {}) as {
    readonly containers?: readonly { readonly image?: string }[]
    readonly initContainers?: readonly { readonly image?: string }[]
  }
  const images = [...containers, ...initContainers].map(({ image }) => image)
  return failures.find(({ match: { namespace, name, image } }) => {
    if (namespace !== undefined && namespace !== pod.metadata.namespace) return false
    if (name !== undefined && !names.includes(name)) return false
    return image === undefined || images.includes(image)
  })
}
