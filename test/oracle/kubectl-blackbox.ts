// kubectl against two API servers, command by command: the embedded one and the real one must print the same.
//
//   node --conditions=@gitops-toolkit/source test/oracle/kubectl-blackbox.ts [--part api|workloads] [--only TEXT] [--show N]
//
// Compared are exit code, stdout and stderr; ages, times, identifiers, versions, addresses and ports are normalised. For the
// rows about the API `playWorkloads` writes the statuses on both servers; for those about workloads controllers are at
// work on both, and the same steps play the kubelets. Without kubectl it says so and passes; without etcd and
// kube-apiserver (KUBEBUILDER_ASSETS) it says so, and only looks that no command hangs or crashes on the embedded one.
import { execFileSync, spawn } from "node:child_process"
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import type { Cluster } from "@gitops-toolkit/kube"
import { createCluster, missingBinaries, playWorkloads, startControlPlane } from "@gitops-toolkit/testing"
import { type Command, commands } from "./kubectl/commands.ts"
import { normalise, normalisePlay } from "./kubectl/normalise.ts"
import { failures, rollouts } from "./kubectl/rollouts.ts"

/** What one run of kubectl printed. */
interface Printed {
  readonly code: number | string
  readonly stdout: string
  readonly stderr: string
}

/** A server, and how kubectl reaches it. */
interface Target {
  readonly flags: readonly string[]
  readonly home: string
  readonly url: string
}

const { values } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    part: { type: "string", default: "" },
    show: { type: "string", default: "20" },
  },
})

function hasKubectl(): boolean {
  try {
    execFileSync("kubectl", ["version", "--client"], { stdio: "ignore" })
    return true
  } catch {
    return false
  }
}

/** Splits at spaces: no command of the table has an argument with one. */
function start(
  target: Target,
  line: string,
  input = "",
): { readonly done: Promise<Printed>; stop(): void; output(): string } {
  const child = spawn("kubectl", [...target.flags, ...line.split(" ")], {
    env: { PATH: process.env["PATH"] ?? "", HOME: target.home, TMPDIR: target.home, LANG: "C" },
  })
  let stdout = ""
  let stderr = ""
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text))
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text))
  child.stdin.on("error", () => undefined)
  child.stdin.end(input)
  const timer = setTimeout(() => child.kill("SIGKILL"), 60_000)
  const done = new Promise<Printed>((resolve, reject) => {
    child.on("error", reject)
    child.on("close", (code, signal) => {
      clearTimeout(timer)
      resolve({ code: code ?? signal ?? "", stdout, stderr })
    })
  })
  return { done, stop: () => child.kill("SIGTERM"), output: () => stdout }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Waits until what a watch prints has not grown for a while. */
async function quiet(output: () => string): Promise<void> {
  for (let before = "", rounds = 0; rounds < 40 && (before === "" || before !== output()); rounds++) {
    before = output()
    await pause(300)
  }
}

async function run(target: Target, { line, input, during }: Command): Promise<Printed> {
  const running = start(target, line, input)
  if (!during) return running.done
  await quiet(running.output)
  for (const each of during) {
    await start(target, each).done
    await quiet(running.output)
  }
  running.stop()
  return { ...(await running.done), code: "ended" }
}

async function targetOf(directory: string, name: string, kubeconfig: string, url: string): Promise<Target> {
  const home = join(directory, name)
  await mkdir(home)
  const path = join(home, "kubeconfig")
  await writeFile(path, kubeconfig, { mode: 0o600 })
  return { home, url, flags: [`--kubeconfig=${path}`, `--cache-dir=${join(home, "cache")}`] }
}

function play(cluster: Cluster): AsyncDisposable {
  const ending = new AbortController()
  const played = playWorkloads(cluster, { signal: ending.signal })
  return {
    async [Symbol.asyncDispose]() {
      ending.abort()
      await played
    },
  }
}

function report(line: string, ours: Printed, theirs: Printed): void {
  for (const part of ["code", "stderr", "stdout"] as const) {
    if (ours[part] === theirs[part]) continue
    const [a, b] = [String(theirs[part]).split("\n"), String(ours[part]).split("\n")]
    const shown = [
      ...a.filter((each) => !b.includes(each)).map((each) => `      - ${each}`),
      ...b.filter((each) => !a.includes(each)).map((each) => `      + ${each}`),
    ]
    console.log(`    ${part} of kubectl ${line} (- real, + embedded):`)
    console.log((shown.length > 0 ? shown : ["      the order differs"]).slice(0, Number(values.show)).join("\n"))
  }
}

/** What is compared of what a command printed. */
function partOf(printed: Printed, command: Command, cleaned: (text: Printed) => Printed): Printed {
  const text = cleaned(printed)
  const lines = text.stdout.split("\n").filter((line) => line !== "")
  if (command.lastOnly) return { ...text, stdout: lines.at(-1) ?? "" }
  if (!command.unordered) return text
  return { ...text, stdout: [...new Set(lines)].toSorted().join("\n") }
}

const isSame = (a: Printed, b: Printed): boolean => a.code === b.code && a.stdout === b.stdout && a.stderr === b.stderr

interface Pair {
  readonly embedded: Target
  readonly real: Target | undefined
  readonly commands: readonly Command[]
  readonly cleaned: typeof normalise
}

/** Runs a command on both; what has to settle again and again. */
async function ask(command: Command, { embedded, real, cleaned }: Pair): Promise<[ours: Printed, theirs?: Printed]> {
  for (let turn = 0; ; turn++) {
    const printed = await Promise.all([run(embedded, command), real ? run(real, command) : undefined])
    const ours = partOf(printed[0], command, (text) => cleaned(text, embedded.url))
    const theirs = printed[1] && partOf(printed[1], command, (text) => cleaned(text, real!.url))
    if (!theirs) return [ours]
    if (!command.settle || turn === 10 || isSame(ours, theirs)) return [ours, theirs]
    await pause(1000)
  }
}

/** Compares all commands; returns how many passed and failed. */
async function compare(pair: Pair): Promise<readonly [passed: number, failed: number]> {
  let passed = 0
  let failed = 0
  for (const command of pair.commands) {
    const { line } = command
    const [ours, theirs] = await ask(command, pair)
    if (!line.includes(values.only)) continue
    const isGood = theirs ? isSame(ours, theirs) : typeof ours.code === "number" || command.during !== undefined
    console.log(`${isGood ? "ok  " : "FAIL"} kubectl ${line}`)
    if (isGood) passed++
    else failed++
    if (!isGood && theirs) report(line, ours, theirs)
  }
  return [passed, failed]
}

/** The rows about the API itself: no controllers, statuses are written by `playWorkloads`. */
async function compareBare(directory: string, hasReal: boolean): Promise<readonly [number, number]> {
  await using cluster = createCluster({ controllers: false, users: [{ token: "tester", user: "tester" }] })
  await using address = await cluster.listen({ tls: true })
  const embedded = await targetOf(directory, "embedded", address.kubeconfig, address.url)
  await using _ = play(cluster)
  if (!hasReal) return compare({ embedded, real: undefined, commands, cleaned: normalise })
  await using plane = await startControlPlane({ autoReady: true })
  const real = await targetOf(directory, "real", plane.kubeconfig, plane.url)
  return await compare({ embedded, real, commands, cleaned: normalise })
}

/** The rows about workloads: controllers at work on both. */
async function comparePlay(directory: string, hasReal: boolean): Promise<readonly [number, number]> {
  await using cluster = createCluster({ autoReady: { failures } })
  await using address = await cluster.listen({ tls: true })
  const embedded = await targetOf(directory, "embedded-play", address.kubeconfig, address.url)
  const pair = { embedded, commands: rollouts, cleaned: normalisePlay }
  if (!hasReal) return compare({ ...pair, real: undefined })
  await using plane = await startControlPlane({ controllers: true, autoReady: { failures } })
  return await compare({ ...pair, real: await targetOf(directory, "real-play", plane.kubeconfig, plane.url) })
}

async function main(): Promise<number> {
  if (!hasKubectl()) {
    console.log("kubectl-blackbox: SKIPPED, there is no kubectl on the PATH")
    return 0
  }
  const missing = missingBinaries({ controllers: true })
  if (missing.length > 0) {
    console.log(`kubectl-blackbox: there is no ${missing.join(" and ")} (set KUBEBUILDER_ASSETS): NOTHING IS COMPARED`)
  }
  const directory = await mkdtemp(join(tmpdir(), "kubectl-blackbox-"))
  try {
    const parts = { api: compareBare, workloads: comparePlay }
    let passed = 0
    let failed = 0
    for (const [name, part] of Object.entries(parts)) {
      if (!name.includes(values.part)) continue
      const [good, bad] = await part(directory, missing.length === 0)
      passed += good
      failed += bad
    }
    console.log(`${passed} passed, ${failed} failed`)
    return failed
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

process.exitCode = (await main()) === 0 ? 0 : 1
