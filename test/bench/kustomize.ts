import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { homedir, tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { build, createBuilder } from "@gitops-toolkit/kustomize"
import type { Files } from "@gitops-toolkit/kustomize"
import type { Bench, Figure } from "./figure.ts"
import { writeTree } from "./kustomize/tree.ts"

const repository = join(dirname(fileURLToPath(import.meta.url)), "../..")
const gitops = join(repository, "packages/cli/bin/gitops.mjs")

/** kustomize 5.8.2: from the environment, or where tools/control-plane builds it. */
function findKustomize(): string {
  const built = join(homedir(), ".cache/gitops-toolkit/control-plane/k8s-1.36.3/kustomize")
  const path = process.env["KUSTOMIZE"] ?? built
  if (!existsSync(path)) throw new Error(`the peer is absent: there is no kustomize at ${path} (KUSTOMIZE names one)`)
  return path
}

interface Run {
  readonly ms: number
  /** Most memory at any time, MiB. */
  readonly memory: number
  readonly output: string
}

/** Runs a whole process and measures it. */
function run(command: readonly string[], scratch: string): Run {
  const [program, ...args] = command
  const report = join(scratch, "memory")
  const started = performance.now()
  const done = spawnSync("/usr/bin/time", ["-f", "%M", "-o", report, program!, ...args], { maxBuffer: 1 << 30 })
  const ms = performance.now() - started
  if (done.status !== 0) throw new Error(`${program} failed: ${done.stderr.toString().slice(0, 400)}`)
  const memory = Number(readFileSync(report, "utf8").trim().split("\n").at(-1)) / 1024
  return { ms, memory, output: done.stdout.toString() }
}

/** The best of several runs, both sides in turn. */
function compare(
  folder: string,
  peer: string,
  options: { readonly rounds: number; readonly scratch: string },
): { ours: Run; theirs: Run } {
  const runs = Array.from({ length: options.rounds }, () => ({
    ours: run([gitops, "build", folder], options.scratch),
    theirs: run([peer, "build", folder], options.scratch),
  }))
  const best = (side: "ours" | "theirs"): Run => {
    const all = runs.map((round) => round[side])
    const ms = Math.min(...all.map((one) => one.ms))
    return { ms, memory: Math.min(...all.map((one) => one.memory)), output: all[0]!.output }
  }
  return { ours: best("ours"), theirs: best("theirs") }
}

const trees = [
  { objects: 10, layers: 2, rounds: 10, wall: 1.5 },
  { objects: 100, layers: 2, rounds: 5, wall: 1 },
  { objects: 1000, layers: 2, rounds: 3, wall: 1 / 25 },
  { objects: 1000, layers: 6, rounds: 1, wall: 1 / 25 },
  { objects: 5000, layers: 2, rounds: 1, wall: 1 / 200 },
]

async function* wholeProcess(scratch: string): AsyncGenerator<Figure> {
  const peer = findKustomize()
  const times = new Map<number, number>()
  for (const { objects, layers, rounds, wall } of trees) {
    const name = `${objects} objects${layers > 2 ? `, ${layers} layers` : ""}`
    const folder = writeTree(join(scratch, `${objects}-${layers}`), { objects, layers })
    run([gitops, "build", folder], scratch)
    const { ours, theirs } = compare(folder, peer, { rounds, scratch })
    if (ours.output !== theirs.output) throw new Error(`${name}: the outputs differ`)
    if (layers === 2) times.set(objects, ours.ms)
    yield { name: `${name}: wall`, unit: "ms", ours: ours.ms, peer: theirs.ms, better: "lower", goal: wall }
    if (objects === 10) yield { name: `${name}: memory`, unit: "MiB", ours: ours.memory, better: "lower", goal: 64 }
    else
      yield { name: `${name}: memory`, unit: "MiB", ours: ours.memory, peer: theirs.memory, better: "lower", goal: 1.2 }
  }
  const ratio = times.get(5000)! / times.get(1000)!
  yield { name: "time(5000) / time(1000)", unit: "x", ours: ratio, better: "lower", goal: 6 }
}

/** Files in memory whose content can be changed. */
function memory(content: Map<string, string>): Files {
  const encoder = new TextEncoder()
  const bytes = new Map([...content].map(([path, text]) => [path, encoder.encode(text)]))
  const folders = new Map<string, Map<string, "file" | "directory">>([["", new Map()]])
  for (const path of content.keys()) {
    const parts = path.split("/")
    for (let i = 0; i < parts.length; i++) {
      const parent = parts.slice(0, i).join("/")
      const members = folders.get(parent) ?? new Map<string, "file" | "directory">()
      members.set(parts[i]!, i === parts.length - 1 ? "file" : "directory")
      folders.set(parent, members)
    }
  }
  return {
    list: async (path) => [...(folders.get(path) ?? [])].map(([name, type]) => ({ name, type })),
    read: async (path) => bytes.get(path)!,
  }
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

async function timed(action: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await action()
  return performance.now() - started
}

const object = (i: number, value: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c-${i}\n  labels:\n    app: a\ndata:\n  key: ${value}\n`

async function* inProcess(): AsyncGenerator<Figure> {
  const content = new Map<string, string>()
  const names = Array.from({ length: 1000 }, (_, i) => `c-${i}.yaml`)
  content.set("base/kustomization.yaml", `resources:\n${names.map((name) => `- ${name}\n`).join("")}`)
  for (const [i, name] of names.entries()) content.set(`base/${name}`, object(i, "v"))
  const overlays = Array.from({ length: 200 }, (_, i) => `o-${i}`)
  for (const overlay of overlays)
    content.set(`${overlay}/kustomization.yaml`, `resources: [../base]\nnamePrefix: ${overlay}-\n`)
  const builder = createBuilder()
  const rebuilds: number[] = []
  for (let round = 0; round < 30; round++) {
    content.set("base/c-7.yaml", object(7, `v${round}`))
    const files = memory(content)
    rebuilds.push(await timed(() => builder.build(files, "base")))
  }
  yield {
    name: "rebuild after one changed file of 1000",
    unit: "ms",
    ours: median(rebuilds.slice(5)),
    better: "lower",
    goal: 5,
  }
  const files = memory(content)
  const few = overlays.slice(0, 20)
  const cold = await timed(async () => {
    for (const overlay of few) await build(files, overlay)
  })
  const warm = await timed(async () => {
    for (const overlay of overlays) await builder.build(files, overlay)
  })
  yield { name: "200 overlays of one base", unit: "ms", ours: warm, peer: cold * 10, better: "lower", goal: 0.1 }
}

/** Whole processes against kustomize 5.8.2 on the same trees, then what only a library can do. */
const bench: Bench = async function* () {
  const bundled = spawnSync(process.execPath, [join(repository, "packages/cli/scripts/bundle.mjs")], {
    stdio: "inherit",
  })
  if (bundled.status !== 0) throw new Error("gitops could not be bundled")
  const scratch = mkdtempSync(join(tmpdir(), "gitops-bench-"))
  mkdirSync(scratch, { recursive: true })
  writeFileSync(join(scratch, "memory"), "")
  try {
    yield* inProcess()
    yield* wholeProcess(scratch)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

export default bench
