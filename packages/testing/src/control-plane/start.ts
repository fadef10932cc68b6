import type { KubeObject } from "@gitops-toolkit/kube"
import { TestingError } from "../error.ts"
import type { AutoReady } from "../cluster/workloads/options.ts"
import { playWorkloads } from "../play-workloads.ts"
import { playPods } from "../workloads/play-pods.ts"
import { hasDefaultNamespace, startApiServer, type TokenUser } from "./api-server.ts"
import { usesExistingCluster, type BinaryOptions } from "./binaries.ts"
import { startControllers } from "./controllers.ts"
import { installDefinitions } from "./definitions.ts"
import { startEtcd } from "./etcd.ts"
import { openExisting, openPlane, type ControlPlane } from "./plane.ts"
import { untilReady } from "./process.ts"
import { enterSite } from "./site.ts"

/** Options of `startControlPlane`. */
export interface ControlPlaneOptions extends BinaryOptions {
  /** Custom resource definitions (`crdOf(kind)`) that are installed and served before it resolves. */
  readonly kinds?: readonly object[]
  /** Objects that are created before it resolves, in this order. */
  readonly objects?: readonly KubeObject[]
  /** Also run kube-controller-manager: garbage collection, namespaces, roll-outs. Default false. */
  readonly controllers?: boolean
  /**
   * Workloads become ready. With `controllers` two nodes and their kubelets are played, and the rest is kube-controller-manager's
   * work, in its own time; failures are those of `createCluster`. Without them only statuses are written, and at once
   * (`playWorkloads`: no Pods, no failures). Default false; an existing cluster is left to its own nodes.
   */
  readonly autoReady?: boolean | AutoReady
  /** Users by bearer token, beside those by certificate (`userCluster`). */
  readonly users?: readonly TokenUser[]
  /** More flags of kube-apiserver. */
  readonly flags?: readonly string[]
  /** Default `$KUBEBUILDER_CONTROLPLANE_START_TIMEOUT` (a Go duration), else 20 s for each program. */
  readonly startTimeoutMs?: number
  /** Default `$KUBEBUILDER_CONTROLPLANE_STOP_TIMEOUT`, else 20 s, then SIGKILL. */
  readonly stopTimeoutMs?: number
  readonly signal?: AbortSignal | undefined
}

/**
 * Starts a real etcd and kube-apiserver on free loopback ports, with fresh certificates, and resolves when the server is
 * ready, the namespace `default` exists and all `kinds` are served (about 3 s). The convention is envtest's:
 * `TEST_ASSET_*`, `KUBEBUILDER_ASSETS`, `USE_EXISTING_CLUSTER=true` for the cluster of the default kubeconfig, and the
 * `KUBEBUILDER_*` time-outs. The programs end with this process, even when it is killed.
 *
 * Throws `TestingError`: `BinaryMissing` says what is not there and how to get it, `StartFailed` carries the last
 * lines of the program that failed.
 *
 * @example
 * await using cluster = await startControlPlane({ kinds: [crdOf(App)] })
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  if (typeof options.autoReady === "object" && !options.controllers) {
    throw new TestingError("InvalidOptions", "autoReady with settings plays Pods, which takes controllers: true")
  }
  if (usesExistingCluster(options.env)) return reuseCluster(options)
  for (let attempt = 1; ; attempt++) {
    try {
      return await startFresh(options)
    } catch (error) {
      // Between finding a free port and using it somebody else may have taken it.
      if (attempt >= 3 || !(error instanceof TestingError && /address already in use/.test(error.message))) throw error
    }
  }
}

async function startFresh(options: ControlPlaneOptions): Promise<ControlPlane> {
  const site = await enterSite(options)
  try {
    const etcd = await startEtcd(site)
    const { users = [], flags = [] } = options
    const server = await startApiServer(site, { etcdUrl: etcd.url, users, flags })
    const plane = await openPlane(site, server)
    await untilReady(server.program, () => hasDefaultNamespace(plane), site)
    if (options.controllers) {
      await startControllers(site, { server, kubeconfigPath: plane.kubeconfigPath, cluster: plane })
    }
    await fill(plane, options, site.timeoutMs)
    return options.autoReady ? playing(plane, options) : plane
  } catch (error) {
    await site.leave()
    throw error
  }
}

async function reuseCluster(options: ControlPlaneOptions): Promise<ControlPlane> {
  const plane = await openExisting()
  await fill(plane, options, options.startTimeoutMs ?? 20_000)
  return plane
}

/** The same plane with its workloads played until it is disposed of. */
function playing(plane: ControlPlane, { controllers, autoReady }: ControlPlaneOptions): ControlPlane {
  const stop = new AbortController()
  const settings = typeof autoReady === "object" ? autoReady : {}
  const played = controllers
    ? playPods(plane, { ...settings, signal: stop.signal })
    : playWorkloads(plane, { signal: stop.signal })
  return {
    ...plane,
    async [Symbol.asyncDispose]() {
      stop.abort()
      await played
      await plane[Symbol.asyncDispose]()
    },
  }
}

async function fill(plane: ControlPlane, options: ControlPlaneOptions, timeoutMs: number): Promise<void> {
  const { kinds = [], objects = [], signal } = options
  await installDefinitions(plane, kinds, { timeoutMs, signal })
  for (const object of objects) await plane.apply(object, { force: true, signal })
}
