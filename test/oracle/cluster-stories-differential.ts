// The recorded cases of the corpus `cluster` with a step bent, left out or repeated, on two API servers: the embedded one and
// the real one must go on giving the same answers.
//
//   node --conditions=@gitops-toolkit/source test/oracle/cluster-stories-differential.ts [--cases N] [--seed S] [--only TEXT]
//
// A story ends at its first difference, since from there on the servers hold different things.
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { parseYamlDocuments } from "@gitops-toolkit/kube/manifest"
import { missingBinaries } from "@gitops-toolkit/testing"
import { newBindings } from "../conformance/cluster/bindings.ts"
import { difference, stepDifference } from "../conformance/cluster/compare.ts"
import {
  createSession,
  type RecordedCase,
  type Session,
  type Step,
  type StepResult,
} from "../conformance/cluster/session.ts"
import { openTarget, type Target, type Users } from "../conformance/cluster/target.ts"
import { normalise } from "./cluster/normalise.ts"
import { bent } from "./cluster/stories.ts"
import { createRandom } from "./cluster/vary.ts"

const { values } = parseArgs({
  options: {
    cases: { type: "string", default: "300" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    only: { type: "string", default: "" },
    corpus: { type: "string", default: "../shared/corpus/cluster" },
  },
})

/** The share of stories that may differ: rules that are not mended yet. Lower it as they go. */
const tolerated = 0.025

/** CEL is not modelled; the rest tells about the server itself, or makes up names. */
const aside =
  /x-kubernetes-validations|"group": "discovery"|"path": "\/(?:api|version)"|tokenreviews|generateName|services\/kubernetes|componentstatuses/

function casesIn(corpus: string): RecordedCase[] {
  const folders = readdirSync(corpus, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  const files = folders.flatMap(({ name }) => readdirSync(join(corpus, name)).map((file) => join(corpus, name, file)))
  const texts = files.toSorted().map((file) => readFileSync(file, "utf8"))
  // Controllers have an oracle of their own.
  const all = texts.filter((text) => !aside.test(text)).map((text) => JSON.parse(text) as RecordedCase)
  return all.filter(({ group, name, needs = [] }) => needs.length === 0 && `${group}/${name}`.includes(values.only))
}

const eventText = (event: unknown): string => JSON.stringify(event)

/** What a step shows, as far as it is the same on every server. */
function shown({ status, headers, warnings, body, text, events, closed }: StepResult, step: Step): unknown {
  if (events) {
    const all = normalise(events) as readonly unknown[]
    return {
      status,
      closed,
      events: step.watch?.unordered ? all.toSorted((a, b) => (eventText(a) < eventText(b) ? -1 : 1)) : all,
    }
  }
  const isYaml = headers["content-type"]?.[0] === "application/yaml"
  const value = isYaml ? parseYamlDocuments(text)[0]?.value : (body ?? text)
  return { status, warnings: normalise(warnings.toSorted()), body: normalise(value) }
}

const pauseMs = 25
const patienceMs = 2000

/** One step; one that is repeated until something holds is repeated for a while. */
async function take(session: Session, step: Step): Promise<StepResult> {
  const quick = step.watch
    ? { ...step, watch: { ...step.watch, timeoutMs: Math.min(step.watch.timeoutMs ?? 5000, 1500) } }
    : step
  const end = Date.now() + (step.until ? patienceMs : 0)
  for (;;) {
    const result = await session.run(quick)
    if (Date.now() >= end || stepDifference(step, result, newBindings()) === undefined) return result
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
}

/** Plays a story on both servers; undefined when their answers are the same. */
async function play(story: RecordedCase, real: Target, embedded: Target): Promise<string | undefined> {
  const sessions = [real, embedded].map(({ transport, tokens }) => createSession(transport, tokens)) as [
    Session,
    Session,
  ]
  try {
    await Promise.all(sessions.map((session) => session.setUp(story.setup ?? {})))
    for (const [index, step] of story.steps.entries()) {
      if (step.sleepMs !== undefined) {
        await new Promise((resolve) => setTimeout(resolve, step.sleepMs))
        continue
      }
      const [want, got] = (await Promise.all(sessions.map((session) => take(session, step)))) as [
        StepResult,
        StepResult,
      ]
      sessions[0].keep(step, want)
      sessions[1].keep(step, got)
      const why = difference(shown(want, step), shown(got, step), { bindings: newBindings() })
      if (why !== undefined) return `step ${index + 1} ${step.method ?? "events"} ${step.path ?? step.eventsOf} ${why}`
    }
    return undefined
  } finally {
    for (const session of sessions) session.close()
  }
}

async function run(users: Users, cases: readonly RecordedCase[]): Promise<void> {
  const real = await openTarget(users, { where: "real", controllers: false })
  const embedded = await openTarget(users, { where: "memory", controllers: false })
  const alive = setInterval(() => undefined, 1000)
  const seed = Number(values.seed)
  console.log(`cluster-stories: seed ${seed}, ${cases.length} cases`)
  const random = createRandom(seed)
  const queue = cases
    .map((recorded) => ({ recorded, rank: random() }))
    .toSorted((a, b) => a.rank - b.rank)
    .slice(0, Number(values.cases))
  const count = { passed: 0, failed: 0 }
  const work = async (): Promise<void> => {
    for (let next = queue.pop(); next; next = queue.pop()) {
      const { story, how } = bent(next.recorded, createRandom(seed * 1_000_003 + queue.length))
      const why = await play(story, real, embedded).catch((error: unknown) => `not compared: ${String(error)}`)
      if (why?.startsWith("not compared")) console.log(`${story.group}/${story.name} [${how}] ${why}`)
      else if (why === undefined) count.passed++
      else {
        count.failed++
        console.log(`${story.group}/${story.name} [${how}] ${why}`)
      }
    }
  }
  try {
    await Promise.all(Array.from({ length: 8 }, work))
  } finally {
    clearInterval(alive)
    await embedded.close()
    await real.close()
  }
  console.log(`${count.passed} passed, ${count.failed} failed`)
  process.exitCode = count.failed > (count.passed + count.failed) * tolerated ? 1 : 0
}

const missing = missingBinaries()
if (missing.length > 0)
  console.log(`cluster-stories: skipped, there is no ${missing.join(" and ")} (set KUBEBUILDER_ASSETS)`)
else if (!existsSync(values.corpus)) console.log(`cluster-stories: skipped, there is no corpus at ${values.corpus}`)
else {
  const users = JSON.parse(readFileSync(join(values.corpus, "users.json"), "utf8")) as Users
  await run(users, casesIn(values.corpus))
}
