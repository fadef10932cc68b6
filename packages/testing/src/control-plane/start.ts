import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { connect, createClient, type ClientOptions } from "@gitops-toolkit/client"
import { createHttpTransport, type Transport } from "@gitops-toolkit/http"
import type { Cluster, KubeObject } from "@gitops-toolkit/kube"
import { TestingError } from "../error.ts"
import { hasDefaultNamespace, startApiServer, type ApiServer, type TokenUser } from "./api-server.ts"
import { usesExistingCluster, type BinaryOptions } from "./binaries.ts"
import { startControllers } from "./controllers.ts"
import { installDefinitions } from "./definitions.ts"
import { startEtcd } from "./etcd.ts"
import { printKubeconfig } from "./kubeconfig.ts"
import { untilReady } from "./process.ts"
import { enterSite, type Site } from "./site.ts"

/** Options of `startControlPlane`. */
export interface ControlPlaneOptions extends BinaryOptions {
  /** Custom resource definitions (`crdOf(kind)`) that are installed and served before it resolves. */
  readonly kinds?: readonly object[]
  /** Objects that are created before it resolves, in this order. */
  readonly objects?: readonly KubeObject[]
  /** Also run kube-controller-manager: garbage collection, namespaces, roll-outs. Default false. */
  readonly controllers?: boolean
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

/** Who a cluster's requests are made as. */
export interface CertificateUser {
  readonly user: string
  readonly groups?: readonly string[]
}

/** A running API server: a `Cluster` of its administrator. Disposing stops it and removes its files. */
export interface ControlPlane extends Cluster, AsyncDisposable {
  readonly url: string
  /** The administrator's requests. */
  readonly transport: Transport
  /** The administrator's kubeconfig, for kubectl and other programs. */
  readonly kubeconfig: string
  /** The file that holds `kubeconfig`. Empty with `USE_EXISTING_CLUSTER`. */
  readonly kubeconfigPath: string
  /** The same server as somebody else, by a fresh client certificate. RBAC decides what that user may do. */
  userCluster(user: CertificateUser, options?: Omit<ClientOptions, "transport">): Cluster
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
    const plane = await controlPlaneOf(site, server)
    await untilReady(server.program, () => hasDefaultNamespace(plane), site)
    if (options.controllers) {
      await startControllers(site, { server, kubeconfigPath: plane.kubeconfigPath, cluster: plane })
    }
    await fill(plane, options, site.timeoutMs)
    return plane
  } catch (error) {
    await site.leave()
    throw error
  }
}

async function controlPlaneOf(site: Site, server: ApiServer): Promise<ControlPlane> {
  const { url, ca, clients } = server
  const admin = clients.issueClient("admin", ["system:masters"])
  const kubeconfig = printKubeconfig(url, ca, admin)
  const kubeconfigPath = join(site.directory, "kubeconfig")
  await writeFile(kubeconfigPath, kubeconfig, { mode: 0o600 })
  const open: (Transport & AsyncDisposable)[] = []
  const transportOf = (tls: { readonly cert: string; readonly key: string }): Transport => {
    const transport = createHttpTransport({ url, tls: { ca, ...tls } })
    open.push(transport)
    return transport
  }
  const transport = transportOf(admin)
  return {
    ...createClient({ transport }),
    url,
    transport,
    kubeconfig,
    kubeconfigPath,
    userCluster: ({ user, groups = [] }, client = {}) =>
      createClient({ ...client, transport: transportOf(clients.issueClient(user, groups)) }),
    async [Symbol.asyncDispose]() {
      await Promise.all(open.map((each) => each[Symbol.asyncDispose]()))
      await site.leave()
    },
  }
}

async function reuseCluster(options: ControlPlaneOptions): Promise<ControlPlane> {
  const cluster = await connect()
  const plane: ControlPlane = {
    ...cluster,
    url: "",
    transport: () => Promise.reject(new TestingError("InvalidOptions", "an existing cluster lends no transport")),
    kubeconfig: "",
    kubeconfigPath: "",
    userCluster() {
      throw new TestingError("InvalidOptions", "an existing cluster issues no certificates")
    },
  }
  await fill(plane, options, options.startTimeoutMs ?? 20_000)
  return plane
}

async function fill(plane: ControlPlane, options: ControlPlaneOptions, timeoutMs: number): Promise<void> {
  const { kinds = [], objects = [], signal } = options
  await installDefinitions(plane, kinds, { timeoutMs, signal })
  for (const object of objects) await plane.apply(object, { force: true, signal })
}
