// Replays the cases of the corpus `cluster` (requests and the answers of a real kube-apiserver) on the embedded server.
//   npm run conformance -- cluster [--corpus DIR] [--list] [--http | --real] [--only TEXT]
// With --real they run against etcd and kube-apiserver (KUBEBUILDER_ASSETS) through our own transport: what differs then
// is a fault of the transport or of this runner. Where cases need controllers, kube-controller-manager is at work, and
// the nodes are played.
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import type { CaseResult, Conformance } from "./case.ts"
import { type Bindings, newBindings } from "./cluster/bindings.ts"
import { stepDifference } from "./cluster/compare.ts"
import { createSession, type RecordedCase, type Step, type StepResult } from "./cluster/session.ts"
import { openTarget, type Target, type Users, type Where } from "./cluster/target.ts"

function usersOf(corpus: string): Users {
  const file = join(corpus, "users.json")
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")) as Users
  return { admin: { token: "admintoken", user: "admin", uid: "admin", groups: ["system:masters"] } }
}

async function runCase(recorded: RecordedCase, target: Target): Promise<string | undefined> {
  const session = createSession(target.transport, target.tokens)
  const bindings: Bindings = newBindings()
  try {
    await session.setUp(recorded.setup ?? {})
    for (const [index, step] of recorded.steps.entries()) {
      const difference = await runStep(session, step, bindings)
      if (difference !== undefined)
        return `step ${index + 1} ${step.method ?? "events"} ${step.path ?? step.eventsOf}: ${difference}`
    }
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    session.close()
  }
}

async function runStep(
  session: ReturnType<typeof createSession>,
  step: Step,
  bindings: Bindings,
): Promise<string | undefined> {
  if (step.sleepMs !== undefined) {
    await new Promise((resolve) => setTimeout(resolve, step.sleepMs))
    return undefined
  }
  const end = Date.now() + (step.until?.timeoutMs ?? 0)
  for (;;) {
    const result: StepResult = await session.run(step)
    const difference = stepDifference(step, result, bindings)
    session.keep(step, result)
    if (difference === undefined || Date.now() >= end) return difference
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

function casesOf(corpus: string, only: string | undefined): RecordedCase[] {
  const folders = readdirSync(corpus, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  return folders
    .flatMap(({ name }) =>
      readdirSync(join(corpus, name))
        .filter((file) => file.endsWith(".json"))
        .map((file) => JSON.parse(readFileSync(join(corpus, name, file), "utf8")) as RecordedCase),
    )
    .filter(({ group, name }) => only === undefined || `${group}/${name}`.includes(only))
}

// The real server establishes definitions slowly: with more cases at once they wait for each other.
const workersOf = (where: Where): number => (where === "real" ? 8 : 16)

/** Controllers bind a claim to any volume that fits, be it another case's: cases about storage take turns. */
function isAboutStorage(recorded: RecordedCase): boolean {
  return /persistentvolume|volumeClaimTemplates/.test(JSON.stringify(recorded.steps))
}

interface Queued {
  readonly recorded: RecordedCase
  readonly settle: PromiseWithResolvers<CaseResult>
}

async function work(waiting: Queued[], target: Target): Promise<void> {
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const { recorded, settle } = next
    const { group, name } = recorded
    const difference = await runCase(recorded, target)
    const passed = difference === undefined
    settle.resolve({ name: `${group}/${name}`, group, passed, ...(passed ? {} : { difference }) })
  }
}

const cluster: Conformance = async function* (corpus, { flags }) {
  const users = usersOf(corpus)
  const where: Where = flags.has("real") ? "real" : flags.has("http") ? "http" : "memory"
  const all = casesOf(corpus, flags.get("only"))
  for (const controllers of [false, true]) {
    const cases = all.filter(({ needs = [] }) => needs.length > 0 === controllers)
    if (cases.length === 0) continue
    const target = await openTarget(users, { where, controllers })
    // Requests of the in-memory server keep no event loop alive by themselves.
    const alive = setInterval(() => undefined, 1000)
    try {
      const queue = cases.map((recorded): Queued => ({ recorded, settle: Promise.withResolvers() }))
      const inTurn = queue.filter(({ recorded }) => controllers && isAboutStorage(recorded))
      const others = queue.filter((each) => !inTurn.includes(each))
      const running = Array.from({ length: workersOf(where) }, () => work(others, target))
      running.push(work(inTurn, target))
      for (const { settle } of queue) yield await settle.promise
      await Promise.all(running)
    } finally {
      clearInterval(alive)
      await target.close()
    }
  }
}

export default cluster
