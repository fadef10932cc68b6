import type { Cluster } from "@gitops-toolkit/kube"
import type { ApiServer } from "./api-server.ts"
import { startProgram, untilReady } from "./process.ts"
import type { Site } from "./site.ts"

/** What `startControllers` needs beside the site. */
export interface ControllersOptions {
  readonly server: ApiServer
  readonly kubeconfigPath: string
  readonly cluster: Cluster
}

/**
 * Starts kube-controller-manager (garbage collection, namespaces, roll-outs, service accounts) and waits for the first
 * service account that it makes.
 */
export async function startControllers(site: Site, options: ControllersOptions): Promise<void> {
  const path = site.binaries.get("kube-controller-manager") ?? ""
  const args = [
    `--kubeconfig=${options.kubeconfigPath}`,
    "--leader-elect=false",
    "--use-service-account-credentials=false",
    `--service-account-private-key-file=${options.server.signingKeyPath}`,
    "--secure-port=0",
    "--profiling=false",
  ]
  const program = startProgram({
    path,
    args,
    directory: site.directory,
    logPath: site.logPath("kube-controller-manager"),
  })
  site.started.push(program)
  const account = { apiVersion: "v1", kind: "ServiceAccount", namespace: "default", name: "default" }
  await untilReady(program, async () => (await options.cluster.get(account)) !== undefined, site)
}
