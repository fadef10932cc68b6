// Replays the cases of the corpus `cluster` (requests and the answers of a real kube-apiserver) on the embedded server.
//   npm run conformance -- cluster [--corpus DIR] [--list] [--http] [--only TEXT]
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { createHttpTransport, type Transport } from "@gitops-toolkit/http"
import { createCluster, type TokenUser } from "@gitops-toolkit/testing"
import type { CaseResult, Conformance } from "./case.ts"
import { type Bindings, newBindings } from "./cluster/bindings.ts"
import { stepDifference } from "./cluster/compare.ts"
import { createSession, type RecordedCase, type Step, type StepResult } from "./cluster/session.ts"

interface Target {
  readonly transport: Transport
  readonly tokens: ReadonlyMap<string, string>
  close(): Promise<void>
}

interface Users {
  readonly [name: string]: {
    readonly token: string
    readonly user: string
    readonly uid: string
    readonly groups: readonly string[]
  }
}

function usersOf(corpus: string): Users {
  const file = join(corpus, "users.json")
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")) as Users
  return { admin: { token: "admintoken", user: "admin", uid: "admin", groups: ["system:masters"] } }
}

/** A fresh server; cases that need controllers get one that plays them. */
async function openTarget(
  users: Users,
  { controllers, http }: { readonly controllers: boolean; readonly http: boolean },
): Promise<Target> {
  // A token file without groups gives its users the empty one.
  const known: TokenUser[] = Object.values(users).map((user) => ({
    ...user,
    groups: user.groups.length > 0 ? user.groups : [""],
  }))
  const cluster = createCluster({ users: known, controllers, autoReady: controllers })
  const tokens = new Map(Object.entries(users).map(([name, { token }]) => [name, token]))
  const close = (): Promise<void> => Promise.resolve(cluster[Symbol.asyncDispose]())
  if (!http) return { transport: cluster.transport, tokens, close }
  const { url } = await cluster.listen()
  const transport = createHttpTransport({ url })
  return {
    transport,
    tokens,
    async close() {
      await transport[Symbol.asyncDispose]()
      await close()
    },
  }
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

const workers = 16

const cluster: Conformance = async function* (corpus, { flags }) {
  const users = usersOf(corpus)
  const all = casesOf(corpus, flags.get("only"))
  for (const controllers of [false, true]) {
    const cases = all.filter(({ needs = [] }) => needs.length > 0 === controllers)
    if (cases.length === 0) continue
    const target = await openTarget(users, { controllers, http: flags.has("http") })
    // Requests of the in-memory server keep no event loop alive by themselves.
    const alive = setInterval(() => undefined, 1000)
    try {
      const queue = cases.map((recorded) => ({ recorded, settle: Promise.withResolvers<CaseResult>() }))
      const waiting = [...queue]
      const work = async (): Promise<void> => {
        for (let next = waiting.shift(); next; next = waiting.shift()) {
          const { recorded, settle } = next
          const difference = await runCase(recorded, target)
          const name = `${recorded.group}/${recorded.name}`
          settle.resolve({
            name,
            group: recorded.group,
            passed: difference === undefined,
            ...(difference === undefined ? {} : { difference }),
          })
        }
      }
      const running = Array.from({ length: workers }, () => work())
      for (const { settle } of queue) yield await settle.promise
      await Promise.all(running)
    } finally {
      clearInterval(alive)
      await target.close()
    }
  }
}

export default cluster
