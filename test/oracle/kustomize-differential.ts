// Random variations of the kustomize cases, built by the real kustomize and by ours, byte by byte.
//
//   node --conditions=@gitops-toolkit/source test/oracle/kustomize-differential.ts [--cases N] [--seed S] [--show N]
//       [--from I] [--corpus DIR] [--keep DIR] [--seconds N]
//
// Takes cases of the corpus, changes their kustomizations and manifests one to four times, and compares the output, or that
// both refuse. Ours is built twice, since every field must have an origin, too. A difference is printed as one line with its number: `--from I --cases 1 --keep DIR` with the same seed
// writes that case's files, the expected output and ours. Needs kustomize 5.8.2 beside KUBEBUILDER_ASSETS' binaries (or in
// the cache of the control plane) and the corpus; without them it says so and passes. Fails when more than three cases and
// half a percent differ.
import { spawn } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { homedir, tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { parseArgs } from "node:util"
import { build, printBuild } from "@gitops-toolkit/kustomize"
import type { BuildOptions, FileEntry, Files } from "@gitops-toolkit/kustomize"
import { copyDraft, readDraft, type Draft } from "./kustomize/draft.ts"
import { combine, kustomizationChanges } from "./kustomize/kustomization-changes.ts"
import { checkOrigins, type Built } from "./kustomize/origins.ts"
import { manifestChanges } from "./kustomize/manifest-changes.ts"
import { createRandom, type Random } from "./kustomize/random.ts"

const { values } = parseArgs({
  options: {
    cases: { type: "string", default: "600" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    show: { type: "string", default: "40" },
    from: { type: "string", default: "0" },
    seconds: { type: "string", default: "55" },
    keep: { type: "string" },
    corpus: { type: "string", default: process.env["KUSTOMIZE_CORPUS"] ?? "../shared/corpus/kustomize" },
  },
})

const cached = join(homedir(), ".cache/gitops-toolkit/control-plane/k8s-1.36.3")
const kustomize = [process.env["KUBEBUILDER_ASSETS"] ?? cached, cached]
  .map((folder) => join(folder, "kustomize"))
  .find((file) => existsSync(file))
const missing = [
  ...(kustomize === undefined ? ["kustomize"] : []),
  ...(existsSync(values.corpus) ? [] : [`corpus at ${values.corpus}`]),
]
if (missing.length > 0) {
  console.log(`kustomize-differential: skipped, there is no ${missing.join(" and no ")}`)
  process.exit(0)
}

interface Verdict {
  /** What was rendered; nothing when it was refused. */
  readonly output?: string
  readonly error?: string
  /** It neither rendered nor refused: a crash, or a time out. */
  readonly crashed?: boolean
}

/** A draft's files below `a/b/c/input`, where the real one has them too. */
function draftFiles(draft: Draft): Files {
  const folders = new Map<string, Map<string, FileEntry>>()
  const add = (path: string, type: "file" | "directory"): void => {
    const parent = path.includes("/") ? dirname(path) : ""
    const name = path.slice(parent === "" ? 0 : parent.length + 1)
    const entries = folders.get(parent) ?? new Map<string, FileEntry>()
    folders.set(parent, entries.set(name, { name, type }))
    if (parent !== "") add(parent, "directory")
  }
  for (const path of draft.files.keys()) add(`a/b/c/input/${path}`, "file")
  return {
    list: async (path) => [...(folders.get(path)?.values() ?? [])],
    read: async (path) => draft.files.get(path.slice("a/b/c/input/".length))!,
  }
}

async function buildOurs(draft: Draft): Promise<Verdict> {
  try {
    const options: BuildOptions = {
      loadRestrictions: draft.options.loadRestrictor === "LoadRestrictionsNone" ? "none" : "rootOnly",
      order: draft.options.reorder === "none" ? "none" : "legacy",
      managedByLabel: draft.options.enableManagedbyLabel === true,
    }
    const built: Built = { files: draftFiles(draft), path: join("a/b/c/input", draft.dir), options }
    const result = await build(built.files, built.path, options)
    await checkOrigins(built, result)
    return { output: printBuild(result) }
  } catch (error) {
    if (error instanceof Error && "code" in error) return { error: error.message }
    return { crashed: true, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

function writeDraft(draft: Draft, root: string): void {
  for (const [path, bytes] of draft.files) {
    const file = join(root, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, bytes)
  }
}

async function buildTheirs(draft: Draft, home: string): Promise<Verdict> {
  const input = join(home, "a/b/c/input")
  rmSync(join(home, "a"), { recursive: true, force: true })
  writeDraft(draft, input)
  const { loadRestrictor, reorder, enableManagedbyLabel } = draft.options
  const flags = [
    ...(loadRestrictor === undefined ? [] : ["--load-restrictor", loadRestrictor]),
    ...(reorder === undefined ? [] : ["--reorder", reorder]),
    ...(enableManagedbyLabel === true ? ["--enable-managedby-label"] : []),
  ]
  const none = "http://127.0.0.1:1"
  const child = spawn(kustomize!, ["build", join(input, draft.dir), ...flags], {
    env: { PATH: "/nonexistent", HOME: home, TMPDIR: home, HTTP_PROXY: none, HTTPS_PROXY: none, GOMAXPROCS: "1" },
    timeout: 20_000,
  })
  const output: Buffer[] = []
  const errors: Buffer[] = []
  child.stdout.on("data", (chunk: Buffer) => output.push(chunk))
  child.stderr.on("data", (chunk: Buffer) => errors.push(chunk))
  const code = await new Promise<number | null>((resolve, reject) => child.on("close", resolve).on("error", reject))
  if (code === 0) return { output: Buffer.concat(output).toString() }
  const error = Buffer.concat(errors).toString()
  return code === 1 ? { error } : { crashed: true, error }
}

function firstDifference(expected: string, actual: string): string {
  const [a, b] = [expected.split("\n"), actual.split("\n")]
  const i = a.findIndex((line, index) => line !== b[index])
  const at = i < 0 ? a.length : i
  return `line ${at + 1}: expected ${JSON.stringify(a[at])}, got ${JSON.stringify(b[at])}`
}

const brief = (text = ""): string =>
  text
    .trim()
    .split("\n")
    .filter((line) => !line.startsWith("#"))
    .join(" ↵ ")
    .replace(/\/tmp\/\S*?\/a\/b\/c\/input/gu, "$DIR")
    .slice(-260)

function compare(theirs: Verdict, ours: Verdict): string | undefined {
  if (ours.crashed === true) return `crashed: ${ours.error?.split("\n").slice(0, 3).join(" ")}`
  if (theirs.crashed === true) return undefined
  if (theirs.output === undefined)
    return ours.output === undefined ? undefined : `rendered, but is refused: ${brief(theirs.error)}`
  if (ours.output === undefined) return `refused: ${brief(ours.error)}`
  return theirs.output === ours.output ? undefined : firstDifference(theirs.output, ours.output)
}

const folders = readdirSync(values.corpus).flatMap((group) => {
  const folder = join(values.corpus, group)
  return group === "suite" || group === "real-world"
    ? readdirSync(folder)
        .toSorted()
        .map((name) => join(folder, name))
    : []
})

function readSome(random: Random): { name: string; draft: Draft } {
  for (;;) {
    const folder = random.pick(folders)
    const draft = readDraft(folder)
    const tooBig =
      draft !== undefined && [...draft.files.values()].reduce((sum, bytes) => sum + bytes.length, 0) > 200_000
    if (draft !== undefined && !tooBig) return { name: folder.slice(values.corpus.length + 1), draft }
  }
}

interface Variation {
  readonly name: string
  readonly draft: Draft
  readonly changes: readonly string[]
}

function vary(index: number): Variation {
  const random = createRandom(Number(values.seed) * 1_000_003 + index)
  const { name, draft: original } = readSome(random)
  const draft = copyDraft(original)
  const changes: string[] = []
  const wanted = 1 + random.below(4)
  for (let tries = 0; changes.length < wanted && tries < 20; tries++) {
    const kind = random.below(20)
    const change =
      kind === 0 ? combine(readSome(random).draft) : random.pick(kind < 11 ? kustomizationChanges : manifestChanges)
    const word = change(draft, random)
    if (word !== undefined) changes.push(word)
  }
  return { name, draft, changes }
}

function keep(folder: string, draft: Draft, verdicts: { readonly theirs: Verdict; readonly ours: Verdict }): void {
  writeDraft(draft, join(folder, "input"))
  for (const [name, { output, error }] of Object.entries(verdicts))
    writeFileSync(join(folder, name), output ?? error ?? "")
}

// About three cases in a thousand differ: keys that stand twice or are no texts, names that are numbers, tags that do not
// fit. More than these, with room for chance, are a step back.
const tolerated = (cases: number): number => 3 + cases * 0.005

const workspace = mkdtempSync(join(tmpdir(), "kustomize-differential-"))
const deadline = Date.now() + Number(values.seconds) * 1000
const last = Number(values.from) + Number(values.cases)
let [next, passed, failed] = [Number(values.from), 0, 0]

async function work(home: string): Promise<void> {
  mkdirSync(home, { recursive: true })
  while (next < last && Date.now() < deadline) {
    const index = next++
    const { name, draft, changes } = vary(index)
    const [theirs, ours] = await Promise.all([buildTheirs(draft, home), buildOurs(draft)])
    const difference = compare(theirs, ours)
    if (values.keep !== undefined) keep(values.keep, draft, { theirs, ours })
    // What the real one answers differently the next time is no measure.
    const stable = difference === undefined || (await buildTheirs(draft, home)).output === theirs.output
    if (difference === undefined || !stable) passed++
    else if (++failed <= Number(values.show)) console.log(`${index} ${name} [${changes.join("; ")}] ${difference}`)
  }
}

console.log(`kustomize-differential: seed ${values.seed}, at most ${values.cases} cases or ${values.seconds} s`)
await Promise.all([work(join(workspace, "1")), work(join(workspace, "2"))])
rmSync(workspace, { recursive: true, force: true })
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > tolerated(passed + failed) ? 1 : 0
