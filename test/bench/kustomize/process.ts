import { spawnSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { homedir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const repository = join(dirname(fileURLToPath(import.meta.url)), "../../..")
const gitops = join(repository, "packages/cli/bin/gitops.mjs")

/** A program that builds a folder: the words before the folder. */
export type Program = readonly string[]

/** Our own, from its bundle. */
export const ours: Program = [gitops, "build"]

/** Bundles our program, as it is published. */
export function bundle(): void {
  const done = spawnSync(process.execPath, [join(repository, "packages/cli/scripts/bundle.mjs")], { stdio: "inherit" })
  if (done.status !== 0) throw new Error("gitops could not be bundled")
}

/** kustomize 5.8.2: from the environment, or where tools/control-plane builds it. */
export function findKustomize(): Program {
  const built = join(homedir(), ".cache/gitops-toolkit/control-plane/k8s-1.36.3/kustomize")
  const path = process.env["KUSTOMIZE"] ?? built
  if (!existsSync(path)) throw new Error(`the peer is absent: there is no kustomize at ${path} (KUSTOMIZE names one)`)
  return [path, "build"]
}

/** kubectl, with the kustomize inside of it; absent where there is none. */
export function findKubectl(): Program | undefined {
  return spawnSync("kubectl", ["version", "--client"]).status === 0 ? ["kubectl", "kustomize"] : undefined
}

/** What one run, or the best of several, took. */
export interface Run {
  readonly ms: number
  /** Most memory at any time, MiB. */
  readonly memory: number
  readonly output: string
}

/** Runs a whole process and measures it. */
export function run(program: Program, folder: string, scratch: string): Run {
  const report = join(scratch, "memory")
  const words = ["-f", "%M", "-o", report, ...program, folder]
  const started = performance.now()
  const done = spawnSync("/usr/bin/time", words, { maxBuffer: 1 << 30 })
  const ms = performance.now() - started
  if (done.status !== 0) throw new Error(`${program[0]} failed: ${done.stderr.toString().slice(0, 400)}`)
  const memory = Number(readFileSync(report, "utf8").trim().split("\n").at(-1)) / 1024
  return { ms, memory, output: done.stdout.toString() }
}

/** What is over in less is run several times a round: an accident of the machine weighs more with it. */
const brief = 1000

/** The best of several runs of each program, taken in turn; one run before them warms the caches of the disk. */
export function compare(
  programs: readonly Program[],
  folder: string,
  options: { readonly rounds: number; readonly scratch: string },
): Run[] {
  run(ours, folder, options.scratch)
  const runsOf: Run[][] = programs.map(() => [])
  for (let round = 0; round < options.rounds; round++) {
    for (const [index, program] of programs.entries()) {
      const first = run(program, folder, options.scratch)
      const more = Array.from({ length: first.ms < brief ? 4 : 0 }, () => run(program, folder, options.scratch))
      runsOf[index]!.push(first, ...more)
    }
  }
  return runsOf.map((runs) => {
    const least = (measure: (one: Run) => number): number => Math.min(...runs.map(measure))
    return { ms: least(({ ms }) => ms), memory: least(({ memory }) => memory), output: runs[0]!.output }
  })
}
