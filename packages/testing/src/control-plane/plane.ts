import { existsSync } from "node:fs"
import { writeFile } from "node:fs/promises"
import { homedir } from "node:os"
import { delimiter, join } from "node:path"
import { connect, createClient, type ClientOptions, minifyKubeconfig, type RequestRecord } from "@gitops-toolkit/client"
import { createHttpTransport, type Transport } from "@gitops-toolkit/http"
import type { Cluster } from "@gitops-toolkit/kube"
import type { ApiServer } from "./api-server.ts"
import { printKubeconfig } from "./kubeconfig.ts"
import type { Site } from "./site.ts"

/** Where a control plane listens; shaped as what `TestCluster.listen` gives. */
export interface ListeningPlane extends AsyncDisposable {
  readonly url: string
  readonly kubeconfig: string
  close(): Promise<void>
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
  /** The file that holds `kubeconfig`. With `USE_EXISTING_CLUSTER` your own; empty when that is not one file. */
  readonly kubeconfigPath: string
  /** Every request that this cluster's own methods made, tries that were repeated included. */
  readonly requests: readonly RequestRecord[]
  /** Where it listens already: there so that a test can change servers in one line. Closing does nothing. */
  listen(): Promise<ListeningPlane>
  /**
   * The same server as somebody else: by a fresh client certificate, on an existing cluster by impersonation. RBAC
   * decides what that user may do.
   */
  userCluster(user: CertificateUser, options?: Omit<ClientOptions, "transport">): Cluster
}

/** The administrator's cluster of a server that runs at `site`. */
export async function openPlane(site: Site, server: ApiServer): Promise<ControlPlane> {
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
  const requests: RequestRecord[] = []
  return {
    ...createClient({ transport, onRequest: (request) => requests.push(request) }),
    url,
    transport,
    kubeconfig,
    kubeconfigPath,
    requests,
    listen: () => Promise.resolve({ url, kubeconfig, close: nothing, [Symbol.asyncDispose]: nothing }),
    userCluster: ({ user, groups = [] }, client = {}) =>
      createClient({ ...client, transport: transportOf(clients.issueClient(user, groups)) }),
    async [Symbol.asyncDispose]() {
      await Promise.all(open.map((each) => each[Symbol.asyncDispose]()))
      await site.leave()
    },
  }
}

const nothing = (): Promise<void> => Promise.resolve()

/**
 * The cluster of the default kubeconfig: it lends what it was found by. Other users are impersonated, which takes the
 * permission to.
 */
export async function openExisting(): Promise<ControlPlane> {
  const requests: RequestRecord[] = []
  const cluster = await connect({ onRequest: (request) => requests.push(request) })
  const kubeconfig = await minifyKubeconfig()
  const { clusters } = JSON.parse(kubeconfig) as {
    readonly clusters: [{ readonly cluster: { readonly server: string } }]
  }
  const url = clusters[0].cluster.server
  return {
    ...cluster,
    url,
    kubeconfig,
    kubeconfigPath: defaultKubeconfigPath(),
    requests,
    listen: () => Promise.resolve({ url, kubeconfig, close: nothing, [Symbol.asyncDispose]: nothing }),
    userCluster({ user, groups = [] }, client = {}) {
      const as = { user, groups: [...groups, "system:authenticated"] }
      return createClient({ ...client, transport: cluster.transport, as })
    },
  }
}

/** The file that kubectl reads too; empty when there is none, or more than one. */
function defaultKubeconfigPath(): string {
  const listed = (process.env["KUBECONFIG"] ?? "").split(delimiter).filter((path) => path !== "")
  if (listed.length > 0) return listed.length === 1 ? listed[0]! : ""
  const path = join(homedir(), ".kube", "config")
  return existsSync(path) ? path : ""
}
