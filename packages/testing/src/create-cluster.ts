import { randomUUID } from "node:crypto"
import { createClient } from "@gitops-toolkit/client"
import type { Transport } from "@gitops-toolkit/http"
import { type Clock, type Cluster, type KubeObject, systemClock } from "@gitops-toolkit/kube"
import { parseManifests } from "@gitops-toolkit/kube/manifest"
import { seed, seedRoles, seedSystem } from "./cluster/write/seed.ts"
import { createFaults, type Faults } from "./cluster/wire/faults.ts"
import { createServer } from "./cluster/server.ts"
import type { AutoReady } from "./cluster/workloads/options.ts"
import { seedWorkloads } from "./cluster/workloads/seed.ts"
import { listenWith } from "./cluster/wire/listen.ts"
import { createRequestLog } from "./cluster/wire/log.ts"
import type { TokenUser } from "./control-plane/api-server.ts"
import { createAuthority } from "./control-plane/certificates.ts"
import type { LoggedRequest, ServerState } from "./cluster/state.ts"
import type { StoreSnapshot } from "./cluster/store.ts"

export type { Fault, FaultMatch, FaultPlan, Faults } from "./cluster/wire/faults.ts"
export type { LoggedRequest } from "./cluster/state.ts"
export type { StoreSnapshot } from "./cluster/store.ts"
export type { AutoReady, FailureKind, FailureMatch, WorkloadFailure } from "./cluster/workloads/options.ts"

/** Options of `createCluster`. */
export interface ClusterOptions {
  /** What is there from the beginning, as objects or as YAML; namespaces that they need are made. */
  readonly objects?: readonly KubeObject[] | string
  /** CustomResourceDefinitions that are established from the beginning. */
  readonly kinds?: readonly object[]
  /**
   * Plays the workload controllers, a scheduler and two nodes: Deployments, Jobs and the like make Pods and become
   * ready, at once or as told; default false.
   */
  readonly autoReady?: boolean | AutoReady
  /** Garbage collection and the life cycle of namespaces; default true. False: as a bare kube-apiserver. */
  readonly controllers?: boolean
  /**
   * Whom the server knows by their bearer tokens. With any, RBAC is switched on: a request without token is
   * anonymous, members of `system:masters` may do everything, and the cluster's own methods act as one.
   */
  readonly users?: readonly TokenUser[]
  /** Default: the machine's. */
  readonly clock?: Clock
  /** Numbers from 0 to below 1, for names and uids; default: secure ones. */
  readonly random?: () => number
  /** How many changes of each kind a watch can go back; default 1000. */
  readonly history?: number
  /** How many of the youngest requests `requests` remembers at least (at most a tenth more); default 10,000. */
  readonly requestHistory?: number
}

/** Options of `TestCluster.listen`. */
export interface ListenClusterOptions {
  /** Default: a free one. */
  readonly port?: number
  /** TLS with a fresh certificate; default false. */
  readonly tls?: boolean
}

/** Where a cluster listens. */
export interface ClusterAddress extends AsyncDisposable {
  readonly url: string
  /** A kubeconfig for it: write it to a file for `kubectl --kubeconfig`. */
  readonly kubeconfig: string
  /** Stops listening and breaks what is open. */
  close(): Promise<void>
}

/** A Kubernetes API server in memory and the client that is connected to it. */
export interface TestCluster extends Cluster, AsyncDisposable {
  /** The server: hand it to a client of your own. */
  readonly transport: Transport
  /** The requests that were answered, in order: the youngest of them, as many as `requestHistory` says. */
  readonly requests: readonly LoggedRequest[]
  /** How many requests were answered before those and are forgotten. */
  readonly forgottenRequests: number
  /** Serves the same on a port of the loopback interface, for kubectl and other processes, until it is disposed of. */
  listen(options?: ListenClusterOptions): Promise<ClusterAddress>
  /** What goes wrong, and when. */
  readonly faults: Faults
  /** Every object as the server holds it, but for what every cluster has from the beginning. */
  objects(): readonly KubeObject[]
  snapshot(): StoreSnapshot
  /** Goes back to a snapshot; resourceVersions go on counting. */
  restore(snapshot: StoreSnapshot): void
}

/** Objects as given, or read from YAML as kubectl reads it. */
function objectsOf(given: ClusterOptions["objects"] = []): readonly KubeObject[] {
  return typeof given === "string" ? parseManifests(given) : given
}

/**
 * A Kubernetes API in memory: the semantics of kube-apiserver 1.36 behind one function, and the real client of
 * `@gitops-toolkit/client` connected to it. Nothing is started and nothing listens; several in one process are fine.
 *
 * @example
 * await using cluster = createCluster({ objects: [{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } }] })
 * await cluster.get({ apiVersion: "v1", kind: "ConfigMap", namespace: "default", name: "a" })
 */
export function createCluster(options: ClusterOptions = {}): TestCluster {
  const clock = options.clock ?? systemClock
  const log = createRequestLog(options.requestHistory ?? 10_000)
  const users = options.users ?? []
  const owner = randomUUID()
  const server = createServer({
    clock,
    random: options.random,
    controllers: options.controllers ?? true,
    users: users.length > 0 ? [...users, { token: owner, user: "admin", groups: ["system:masters"] }] : [],
    autoReady: options.autoReady === true ? {} : options.autoReady || undefined,
    history: options.history ?? 1000,
    onRequest: log.add,
  })
  const { state } = server
  seedSystem(state)
  if (users.length > 0) seedRoles(state)
  if (state.autoReady) seedWorkloads(state)
  const system = new Set(everything(state))
  seed(state, [...((options.kinds ?? []) as readonly KubeObject[]), ...objectsOf(options.objects)])
  const { faults, wrap } = createFaults(clock)
  const transport = wrap(server.serve, (request) => server.subjectOf(request))
  const client = createClient({ transport: users.length > 0 ? withToken(transport, owner) : transport, clock })
  const addresses = new Set<ClusterAddress>()
  return {
    ...client,
    transport,
    requests: log.requests,
    get forgottenRequests() {
      return log.dropped
    },
    faults,
    async listen(listenOptions = {}) {
      const address = await listenCluster(transport, { ...listenOptions, token: owner, nowMs: clock.now() })
      addresses.add(address)
      return address
    },
    objects: () => everything(state).filter((object) => !system.has(object)),
    snapshot: () => state.store.snapshot(),
    restore: (snapshot) => state.store.restore(snapshot),
    async [Symbol.asyncDispose]() {
      server.close()
      for (const address of addresses) await address.close()
    },
  }
}

function everything({ store }: ServerState): KubeObject[] {
  return store.tables().flatMap((table) => store.list(table, "").entries.map(([, object]) => object))
}

function withToken(transport: Transport, token: string): Transport {
  return (request) => transport({ ...request, headers: { authorization: `Bearer ${token}`, ...request.headers } })
}

async function listenCluster(
  serve: Transport,
  { port = 0, tls = false, token, nowMs }: ListenClusterOptions & { readonly token: string; readonly nowMs: number },
): Promise<ClusterAddress> {
  const authority = tls ? createAuthority("gitops-toolkit testing", nowMs) : undefined
  const listener = await listenWith(serve, { port, tls: authority?.issueServer(["127.0.0.1", "localhost"]) })
  let closing: Promise<void> | undefined
  const close = (): Promise<void> => (closing ??= Promise.resolve(listener[Symbol.asyncDispose]()))
  return {
    url: listener.url,
    kubeconfig: printKubeconfig(listener.url, { ca: authority?.cert, token }),
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** In JSON, which every reader of YAML takes. */
function printKubeconfig(
  server: string,
  { ca, token }: { readonly ca: string | undefined; readonly token: string },
): string {
  const trust = ca === undefined ? {} : { "certificate-authority-data": Buffer.from(ca, "utf8").toString("base64") }
  const name = "testing"
  const config = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": name,
    clusters: [{ name, cluster: { server, ...trust } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
  }
  return `${JSON.stringify(config, null, 2)}\n`
}
