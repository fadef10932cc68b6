import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseDuration } from "@gitops-toolkit/kube"
import { findBinaries, type Binary, type BinaryOptions } from "./binaries.ts"
import { freePorts } from "./ports.ts"
import type { Program } from "./process.ts"

/** Where one control plane lives: folder, ports, programs. */
export interface Site {
  readonly directory: string
  readonly binaries: ReadonlyMap<Binary, string>
  /** etcd's for clients and peers, kube-apiserver's. */
  readonly ports: readonly number[]
  readonly started: Program[]
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
  /** Undefined when programs print to our own output. */
  logPath(name: Binary): string | undefined
  /** Stops all that was started, the last first, and removes the folder. */
  leave(): Promise<void>
}

/** Options of `enterSite`. */
export interface SiteOptions extends BinaryOptions {
  readonly controllers?: boolean
  readonly startTimeoutMs?: number
  readonly stopTimeoutMs?: number
  readonly signal?: AbortSignal | undefined
}

const defaultTimeoutMs = 20_000

/** A fresh folder and free ports for one control plane; envtest's variables are heeded. */
export async function enterSite(options: SiteOptions): Promise<Site> {
  const { env = process.env, signal } = options
  const binaries = findBinaries(options)
  const timeoutMs = options.startTimeoutMs ?? durationOf(env["KUBEBUILDER_CONTROLPLANE_START_TIMEOUT"])
  const stopTimeoutMs = options.stopTimeoutMs ?? durationOf(env["KUBEBUILDER_CONTROLPLANE_STOP_TIMEOUT"])
  const attached = env["KUBEBUILDER_ATTACH_CONTROL_PLANE_OUTPUT"] === "true"
  const ports = await freePorts(3)
  const directory = await mkdtemp(join(tmpdir(), "gitops-toolkit-control-plane-"))
  const started: Program[] = []
  return {
    directory,
    binaries,
    ports,
    started,
    timeoutMs,
    signal,
    logPath: (name) => (attached ? undefined : join(directory, `${name}.log`)),
    async leave() {
      for (const program of started.toReversed()) await program.stop(stopTimeoutMs)
      await rm(directory, { recursive: true, force: true })
    },
  }
}

function durationOf(text: string | undefined): number {
  return text ? Number(parseDuration(text) / 1_000_000n) : defaultTimeoutMs
}
