import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import {
  assess,
  assessArgo,
  completedJob,
  defineRule,
  healthConditions,
  summarize,
  writeHealthConditions,
  type HealthStatus,
} from "@gitops-toolkit/health"
import { equalJson, joinApiVersion, type KubeObject } from "@gitops-toolkit/kube"
import { parse } from "yaml"
import { isRuleFor } from "../../packages/health/src/rule.ts"
import type { CaseResult, Conformance } from "./case.ts"

interface ConditionText {
  readonly type: string
  readonly status?: string
  readonly reason?: string
  readonly message?: string
}

interface KstatusCase {
  readonly name: string
  readonly op: "compute" | "augment"
  readonly manifest: string
  readonly substitute?: { readonly [text: string]: string }
  readonly expected: {
    readonly status?: string
    readonly message?: string
    readonly conditions?: readonly ConditionText[]
    readonly absentConditions?: readonly string[]
    readonly conditionCount?: number
    readonly object?: KubeObject
  }
  readonly upstreamResult?: {
    readonly status: string
    readonly message: string
    readonly conditions: readonly ConditionText[]
  }
}

const readCases = <Case>(file: string): readonly Case[] =>
  (parse(readFileSync(file, "utf8")) as { readonly cases: readonly Case[] }).cases

const differs = (what: string, wanted: unknown, got: unknown): string =>
  `${what}: wanted ${JSON.stringify(wanted)}, got ${JSON.stringify(got)}`

function differenceOfConditions(wanted: readonly ConditionText[], got: readonly ConditionText[]): string | undefined {
  for (const condition of wanted) {
    const found = got.find(({ type }) => type === condition.type)
    const fits = (["status", "reason", "message"] as const).every(
      (field) => condition[field] === undefined || condition[field] === found?.[field],
    )
    if (!found || !fits) return differs(`condition ${condition.type}`, condition, found)
  }
  return undefined
}

function compute(manifest: string, test: KstatusCase): string | undefined {
  const health = assess(parse(manifest, { uniqueKeys: false }) as KubeObject, [], { now: Date.now() })
  const conditions = healthConditions(health)
  const { expected, upstreamResult } = test
  if (health.status !== expected.status) return differs("status", expected.status, health.status)
  if (expected.message !== undefined && expected.message !== health.message) {
    return differs("message", expected.message, health.message)
  }
  const absent = expected.absentConditions?.find((type) => conditions.some((condition) => condition.type === type))
  if (absent !== undefined) return differs("conditions", `no ${absent}`, conditions)
  // Stricter than upstream's own test: what upstream's code answered, message and all.
  if (upstreamResult && upstreamResult.message !== health.message) {
    return differs("message", upstreamResult.message, health.message)
  }
  return (
    differenceOfConditions(expected.conditions ?? [], conditions) ??
    differenceOfConditions(upstreamResult?.conditions ?? [], conditions)
  )
}

function augment(manifest: string, { expected }: KstatusCase): string | undefined {
  const object = parse(manifest, { uniqueKeys: false }) as KubeObject
  const now = new Date()
  const written = writeHealthConditions(object, assess(object, [], { now: now.getTime() }), now)
  const conditions = (written.status as { conditions?: readonly ConditionText[] } | undefined)?.conditions ?? []
  if (expected.conditionCount !== undefined && expected.conditionCount !== conditions.length) {
    return differs("number of conditions", expected.conditionCount, conditions.length)
  }
  if (expected.object && !equalJson(expected.object, written)) return differs("object", expected.object, written)
  return differenceOfConditions(expected.conditions ?? [], conditions)
}

function runKstatus(test: KstatusCase): CaseResult {
  const now = new Date().toISOString().replace(/\.\d+Z$/, "Z")
  const manifest = Object.keys(test.substitute ?? {}).reduce((text, key) => text.replaceAll(key, now), test.manifest)
  const difference = test.op === "compute" ? compute(manifest, test) : augment(manifest, test)
  return resultOf(test.name, "kstatus", difference)
}

interface AggregateCase {
  readonly name: string
  readonly input: { readonly desired: HealthStatus; readonly statuses: readonly HealthStatus[] }
  readonly expected: string
}

function runAggregate({ name, input, expected }: AggregateCase): CaseResult {
  const got = summarize(
    input.statuses.map((status) => ({ status })),
    input.desired,
  )
  return resultOf(name, "kstatus", got === expected ? undefined : differs("status", expected, got))
}

function resultOf(name: string, group: string, difference: string | undefined): CaseResult {
  return difference === undefined ? { name, group, passed: true } : { name, group, passed: false, difference }
}

interface JobCase {
  readonly name: string
  readonly op: string
  readonly object: KubeObject
  readonly expected: KstatusCase["expected"] & { readonly messageContains?: string }
}

// The one part of Flux's health checks that needs no CEL.
function runJob({ name, object, expected }: JobCase): CaseResult {
  const health = assess(object, [completedJob])
  const wrong =
    (expected.status !== undefined &&
      expected.status !== health.status &&
      differs("status", expected.status, health.status)) ||
    (expected.message !== undefined &&
      expected.message !== health.message &&
      differs("message", expected.message, health.message)) ||
    (!health.message.includes(expected.messageContains ?? "") &&
      differs("message", expected.messageContains, health.message)) ||
    differenceOfConditions(expected.conditions ?? [], healthConditions(health))
  return resultOf(name, "flux-cel", wrong || undefined)
}

interface SupportsCase {
  readonly name: string
  readonly op: string
  readonly supported: { readonly group: string; readonly kind?: string }
  readonly gk: { readonly group: string; readonly kind: string }
  readonly expected: { readonly supports: boolean }
}

function runSupports({ name, supported, gk, expected }: SupportsCase): CaseResult {
  const rule = defineRule({ ...supported, assess: () => undefined })
  const got = isRuleFor(rule, { apiVersion: joinApiVersion(gk.group, "v1"), kind: gk.kind })
  return resultOf(name, "flux-cel", got === expected.supports ? undefined : differs("supports", expected.supports, got))
}

interface ArgoCase {
  readonly name: string
  readonly manifest: string
  readonly obsolete?: boolean
  readonly expected: { readonly status: string | null; readonly message?: string }
  readonly upstreamResult?: { readonly status: string | null; readonly message?: string }
}

// Where today's upstream code answers otherwise than an old test expects, the corpus says to follow the code.
function runArgo({ name, manifest, expected, upstreamResult }: ArgoCase): CaseResult {
  const health = assessArgo(parse(manifest, { uniqueKeys: false }) as KubeObject)
  const wanted = upstreamResult ?? expected
  const got = health?.status ?? null
  if (got !== wanted.status) return resultOf(name, "argo-builtin", differs("status", wanted.status, got))
  const message = wanted.message ?? expected.message
  const isSame = message === undefined || message === health?.message
  return resultOf(name, "argo-builtin", isSame ? undefined : differs("message", message, health?.message))
}

const notWritten = ["argo-customizations", "flux-cel", "cel-spec"]

function* casesNotWritten(corpus: string, done: ReadonlySet<string>): Generator<CaseResult> {
  for (const group of notWritten) {
    for (const name of namesIn(join(corpus, group))) {
      if (!done.has(name)) yield resultOf(name, group, "its engine is not written yet")
    }
  }
}

function namesIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder).flatMap((file) => {
    const path = join(folder, file)
    if (file.endsWith(".jsonl")) {
      const lines = readFileSync(path, "utf8").split("\n")
      return lines.filter((line) => line !== "").map((line) => (JSON.parse(line) as { readonly name: string }).name)
    }
    if (!file.endsWith(".yaml")) return []
    const content = parse(readFileSync(path, "utf8")) as { readonly cases?: unknown } | null
    if (!Array.isArray(content?.cases)) return []
    return content.cases.map((item: unknown) => (item as { readonly name: string }).name)
  })
}

const health: Conformance = async function* (corpus) {
  const kstatus = join(corpus, "kstatus")
  for (const test of readCases<KstatusCase>(join(kstatus, "cases.yaml"))) yield runKstatus(test)
  const aggregate = join(kstatus, "aggregate.yaml")
  if (existsSync(aggregate)) for (const test of readCases<AggregateCase>(aggregate)) yield runAggregate(test)
  const argo = join(corpus, "argo-builtin", "cases.yaml")
  if (existsSync(argo)) for (const test of readCases<ArgoCase>(argo)) yield runArgo(test)
  const flux = join(corpus, "flux-cel", "cases.yaml")
  const cases = existsSync(flux) ? readCases<JobCase | SupportsCase>(flux) : []
  const done = new Set<string>()
  for (const test of cases) {
    if (test.op !== "JobStatus" && test.op !== "Supports") continue
    done.add(test.name)
    yield test.op === "JobStatus" ? runJob(test as JobCase) : runSupports(test as SupportsCase)
  }
  yield* casesNotWritten(corpus, done)
}

export default health
