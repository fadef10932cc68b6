// The cluster that the demo runs on: embedded, a real etcd + kube-apiserver, or any kubeconfig's.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { connect, type RequestRecord } from "@gitops-toolkit/client"
import { crdOf } from "@gitops-toolkit/controller"
import type { Cluster } from "@gitops-toolkit/kube"
import { createCluster, playWorkloads, startControlPlane } from "@gitops-toolkit/testing"
import { App } from "../main.ts"

/** A cluster as its two users see it. */
export interface Target {
  readonly name: string
  /** The controller's connection; every request it sends is in `requests`. */
  readonly controller: Cluster
  /** The people's connection. */
  readonly people: Cluster
  readonly requests: readonly RequestRecord[]
  /** The path of a kubeconfig for kubectl. */
  readonly kubeconfig: string
  close(): Promise<void>
}

interface Opened {
  readonly name: string
  readonly kubeconfig: string
  readonly context?: string
  close(): Promise<void>
}

async function connectBoth({ name, kubeconfig, context, close }: Opened): Promise<Target> {
  const requests: RequestRecord[] = []
  const where = { kubeconfig, ...(context !== undefined && { context }) }
  const controller = await connect({
    ...where,
    fieldManager: "app-controller",
    userAgent: "app-controller",
    onRequest: (record) => requests.push(record),
  })
  const people = await connect({ ...where, fieldManager: "kubectl", userAgent: "kubectl" })
  return {
    name,
    controller,
    people,
    requests,
    kubeconfig,
    async close() {
      await controller[Symbol.asyncDispose]()
      await people[Symbol.asyncDispose]()
      await close()
    },
  }
}

function keepKubeconfig(text: string): { path: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), "gitops-toolkit-kubeconfig-"))
  const path = join(folder, "config")
  writeFileSync(path, text, { mode: 0o600 })
  return { path, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** The embedded API server on a port of the loopback interface, its workloads playing along. */
export async function openEmbedded(): Promise<Target> {
  const cluster = createCluster({ kinds: [crdOf(App)], autoReady: true })
  const listening = await cluster.listen()
  const { path, remove } = keepKubeconfig(listening.kubeconfig)
  return connectBoth({
    name: "the embedded API server",
    kubeconfig: path,
    async close() {
      await listening.close()
      await cluster[Symbol.asyncDispose]()
      remove()
    },
  })
}

/** A real etcd and kube-apiserver (KUBEBUILDER_ASSETS); the workload controllers' part is played by `playWorkloads`. */
export async function openControlPlane(): Promise<Target> {
  const plane = await startControlPlane({ kinds: [crdOf(App)] })
  const { path, remove } = keepKubeconfig(plane.kubeconfig)
  const stop = new AbortController()
  const playing = playWorkloads(plane, { signal: stop.signal })
  return connectBoth({
    name: "etcd and kube-apiserver",
    kubeconfig: path,
    async close() {
      stop.abort()
      await playing
      await plane[Symbol.asyncDispose]()
      remove()
    },
  })
}

/** Somebody's own cluster: nothing is started, the App's definition is applied. */
export async function openKubeconfig(kubeconfig: string, context: string | undefined): Promise<Target> {
  const target = await connectBoth({
    name: context ?? kubeconfig,
    kubeconfig,
    ...(context !== undefined && { context }),
    close: async () => undefined,
  })
  await target.people.apply(crdOf(App), { fieldManager: "app-controller", force: true })
  return target
}
