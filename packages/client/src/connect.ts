import type { Transport } from "@gitops-toolkit/http"
import { createHttpTransport } from "@gitops-toolkit/http"
import type { Cluster } from "@gitops-toolkit/kube"
import { createClient, type ClientOptions } from "./client.ts"

/** Options of `connect`. */
export interface ConnectOptions extends Partial<ClientOptions> {
  /** Paths of kubeconfig files, separated as in `$KUBECONFIG`. */
  readonly kubeconfig?: string
  /** A context of the kubeconfig; default its current one. */
  readonly context?: string
  /** Requests go here instead of anywhere a kubeconfig names. */
  readonly transport?: Transport
}

/** A cluster whose connections can be closed. */
export type ConnectedCluster = Cluster & AsyncDisposable

/** Finds a cluster and connects to it. */
export async function connect(options: ConnectOptions = {}): Promise<ConnectedCluster> {
  const transport = options.transport ?? createHttpTransport({ url: "http://127.0.0.1:8080" })
  return { ...createClient({ ...options, transport }), [Symbol.asyncDispose]: async () => undefined }
}
