import { existsSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { isIPv6 } from "node:net"
import { join } from "node:path"
import type { Clock } from "@gitops-toolkit/kube"
import { ConnectError } from "./connect-error.ts"
import { type ClusterAddress, printConfig } from "./kubeconfig.ts"
import { fileLogin } from "./login/files.ts"

/** Where a pod finds its cluster; both can be given for tests. */
export interface InClusterOptions {
  /** Default `process.env`. */
  readonly env?: { readonly [name: string]: string | undefined }
  /** Default `/var/run/secrets/kubernetes.io/serviceaccount`. */
  readonly directory?: string
}

const serviceAccountDirectory = "/var/run/secrets/kubernetes.io/serviceaccount"

/** True when this process seems to run in a pod with a service account. */
export function isInCluster(options: InClusterOptions = {}): boolean {
  const { env = process.env, directory = serviceAccountDirectory } = options
  return (
    Boolean(env["KUBERNETES_SERVICE_HOST"] && env["KUBERNETES_SERVICE_PORT"]) && existsSync(join(directory, "token"))
  )
}

/**
 * The cluster of this pod, as the kubelet describes it: address by environment, token and CA by mounted files, which
 * are read again every minute and after a 401 (tokens rotate hourly).
 */
export async function inClusterAddress(clock: Clock, options: InClusterOptions = {}): Promise<ClusterAddress> {
  const { directory = serviceAccountDirectory } = options
  const url = urlOf(options)
  const login = fileLogin(
    { token: join(directory, "token"), ca: join(directory, "ca.crt") },
    { headers: {}, tls: {} },
    clock,
  )
  await login.current()
  const namespace = await readFile(join(directory, "namespace"), "utf8").then(
    (text) => text.trim(),
    () => "default",
  )
  return { url, login, namespace }
}

function urlOf({ env = process.env }: InClusterOptions): string {
  const host = env["KUBERNETES_SERVICE_HOST"]
  const port = env["KUBERNETES_SERVICE_PORT"]
  if (!host || !port) {
    throw new ConnectError("NoCluster", "not in a pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set")
  }
  return `https://${isIPv6(host) ? `[${host}]` : host}:${port}`
}

/** A kubeconfig of the cluster of this pod; it names the mounted files. */
export function inClusterKubeconfig(options: InClusterOptions = {}): string {
  const { directory = serviceAccountDirectory } = options
  return printConfig("pod", {
    context: {},
    cluster: { server: urlOf(options), "certificate-authority": join(directory, "ca.crt") },
    user: { tokenFile: join(directory, "token") },
  })
}
