import { existsSync } from "node:fs"
import { homedir } from "node:os"
import { delimiter, join } from "node:path"
import { environmentProxy, type Transport } from "@gitops-toolkit/http"
import { systemClock, type Clock, type Cluster } from "@gitops-toolkit/kube"
import { createClient, type ClientOptions } from "./client.ts"
import { ConnectError } from "./connect-error.ts"
import { inClusterAddress, inClusterKubeconfig, isInCluster } from "./in-cluster.ts"
import { addressOf, type ClusterAddress, printMinified } from "./kubeconfig.ts"
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
  /** What its requests go through, signed in: for another client of the same cluster. */
  readonly transport: Transport
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
  if (given) {
    const client = createClient({ ...options, transport: given })
    return { ...client, namespace: "default", transport: given, [Symbol.asyncDispose]: nothing }
  }
  const address = await findAddress(options, clock)
  const transport = createLoginTransport(address.login, {
    url: address.url,
    proxy: address.proxy ?? environmentProxy()(new URL(address.url)),
    ...(maxConnections !== undefined && { maxConnections }),
  })
  const as = options.as ?? address.as
  const client = createClient({ ...options, transport, ...(as !== undefined && { as }) })
  return {
    ...client,
    namespace: address.namespace,
    transport,
    [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
  }
}

/**
 * The kubeconfig of the cluster that `connect` finds: one context, in JSON, with absolute paths, as `kubectl config view
 * --minify --raw` gives it. It holds what the kubeconfig holds, secrets too. In a pod it names the files of the service
 * account.
 *
 * Throws `ConnectError`.
 *
 * @example
 * const text = await minifyKubeconfig({ context: "staging" })
 */
export async function minifyKubeconfig(options: Pick<ConnectOptions, "kubeconfig" | "context"> = {}): Promise<string> {
  const { kubeconfig, context } = options
  const texts = await findKubeconfig(kubeconfig)
  if (texts.length > 0) return printMinified(await parseKubeconfig(texts), context)
  if (context === undefined && isInCluster()) return inClusterKubeconfig()
  throw noCluster()
}

const nothing = (): Promise<void> => Promise.resolve()

async function findAddress({ kubeconfig, context }: ConnectOptions, clock: Clock): Promise<ClusterAddress> {
  const texts = await findKubeconfig(kubeconfig)
  if (texts.length > 0) return addressOf(await parseKubeconfig(texts), clock, context)
  if (context === undefined && isInCluster()) return inClusterAddress(clock)
  throw noCluster()
}

function noCluster(): ConnectError {
  const text = "found no kubeconfig ($KUBECONFIG, ~/.kube/config) and no service account of a pod"
  return new ConnectError("NoCluster", text)
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
