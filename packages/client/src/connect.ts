import { existsSync } from "node:fs"
import { homedir } from "node:os"
import { delimiter, join } from "node:path"
import { environmentProxy } from "@gitops-toolkit/http"
import { systemClock, type Clock, type Cluster } from "@gitops-toolkit/kube"
import { createClient, type ClientOptions } from "./client.ts"
import { ConnectError } from "./connect-error.ts"
import { inClusterAddress, isInCluster } from "./in-cluster.ts"
import { addressOf, type ClusterAddress } from "./kubeconfig.ts"
import { parseKubeconfig, readKubeconfigFiles, type KubeconfigText } from "./kubeconfig/parse.ts"
import { createLoginTransport } from "./login/login.ts"

/** Options of `connect`. */
export interface ConnectOptions extends Partial<ClientOptions> {
  /**
   * Paths of kubeconfig files, separated as in `$KUBECONFIG` and merged as kubectl does; or a kubeconfig's `text`.
   * Default: `$KUBECONFIG`, then `~/.kube/config`, then the pod's service account.
   */
  readonly kubeconfig?: string | { readonly text: string }
  /** A context of the kubeconfig; default its current one. */
  readonly context?: string
  /** Connections for requests at most; watches have theirs beside. Default 16. */
  readonly maxConnections?: number
}

/** A cluster whose connections can be closed. */
export interface ConnectedCluster extends Cluster, AsyncDisposable {
  /** The namespace of the context or pod, for those who name none; requests never use it by themselves. */
  readonly namespace: string
}

/**
 * Finds a cluster and connects to it: the given transport; else a kubeconfig; else, in a pod, its service account.
 * Makes no request to the server. Tokens, certificates and CAs in files, and those of credential plug-ins, are renewed while
 * the connection lives; a 401 renews them at once and repeats the request. Idle connections do not keep the process alive.
 *
 * Throws `ConnectError`; with a `transport` never.
 *
 * @example
 * await using cluster = await connect({ context: "staging", fieldManager: "my-controller" })
 * const web = await cluster.get({ apiVersion: "apps/v1", kind: "Deployment", namespace: "prod", name: "web" })
 */
export async function connect(options: ConnectOptions = {}): Promise<ConnectedCluster> {
  const { transport: given, clock = systemClock, maxConnections } = options
  if (given)
    return { ...createClient({ ...options, transport: given }), namespace: "default", [Symbol.asyncDispose]: nothing }
  const address = await findAddress(options, clock)
  const transport = createLoginTransport(address.login, {
    url: address.url,
    proxy: address.proxy ?? environmentProxy()(new URL(address.url)),
    ...(maxConnections !== undefined && { maxConnections }),
  })
  const as = options.as ?? address.as
  const client = createClient({ ...options, transport, ...(as !== undefined && { as }) })
  return { ...client, namespace: address.namespace, [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose]() }
}

const nothing = (): Promise<void> => Promise.resolve()

async function findAddress({ kubeconfig, context }: ConnectOptions, clock: Clock): Promise<ClusterAddress> {
  const texts = await findKubeconfig(kubeconfig)
  if (texts.length > 0) return addressOf(await parseKubeconfig(texts), clock, context)
  if (context === undefined && isInCluster()) return inClusterAddress(clock)
  throw new ConnectError(
    "NoCluster",
    "found no kubeconfig ($KUBECONFIG, ~/.kube/config) and no service account of a pod",
  )
}

async function findKubeconfig(given: ConnectOptions["kubeconfig"]): Promise<readonly KubeconfigText[]> {
  if (typeof given === "object") return [{ text: given.text, path: "" }]
  if (given !== undefined) return readKubeconfigFiles(pathsOf(given), false)
  const { KUBECONFIG: variable = "" } = process.env
  if (variable !== "") return readKubeconfigFiles(pathsOf(variable), true)
  const path = join(homedir(), ".kube", "config")
  return existsSync(path) ? readKubeconfigFiles([path], false) : []
}

function pathsOf(list: string): readonly string[] {
  return list.split(delimiter).filter((path) => path !== "")
}
