// How a recorded case becomes another one.
import type { RecordedCase, Step } from "../../conformance/cluster/session.ts"
import type { Json } from "./bodies.ts"
import { changed, pick, type Random, vary } from "./vary.ts"

/** A case that nobody recorded, and how it was made. */
export interface Story {
  readonly story: RecordedCase
  readonly how: string
}

const isRequest = (step: Step): boolean => step.method !== undefined && step.watch === undefined

const settings = [
  ...["dryRun=All", "fieldValidation=Strict", "fieldValidation=Ignore", "fieldManager=someone", "force=true"],
  ...["propagationPolicy=Foreground", "propagationPolicy=Orphan", "gracePeriodSeconds=0", "pretty=true", "limit=1"],
  ...[
    "resourceVersion=0",
    "resourceVersion=1",
    "labelSelector=a%3Db",
    "fieldSelector=metadata.name%3Da",
    "dryRun=Other",
  ],
]
const table = "application/json;as=Table;g=meta.k8s.io;v=v1"
const accepts = [
  table,
  "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
  "application/yaml",
  "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
]
const patches = [
  "application/merge-patch+json",
  "application/strategic-merge-patch+json",
  "application/apply-patch+yaml",
]

const withQuery = (path: string, setting: string): string => `${path}${path.includes("?") ? "&" : "?"}${setting}`

type Bend = (step: Step, random: Random) => { readonly step: Step; readonly how: string } | undefined

const bends: readonly Bend[] = [
  (step, random) => {
    if (typeof step.body !== "object" || step.body === null || Array.isArray(step.body)) return undefined
    const change = vary(random, step.body as Json)
    return { step: { ...step, body: changed(step.body, change.path, change.value) }, how: change.label }
  },
  (step, random) => {
    const setting = pick(random, settings)
    return { step: { ...step, path: withQuery(step.path!, setting) }, how: setting }
  },
  (step, random) => {
    const accept = pick(random, accepts)
    return { step: { ...step, headers: { ...step.headers, accept } }, how: accept }
  },
  (step, random) => {
    if (step.method !== "PATCH" && step.method !== "PUT") return undefined
    const type = pick(random, patches)
    const path = type.includes("apply") ? withQuery(step.path!, "fieldManager=someone") : step.path!
    return { step: { ...step, method: "PATCH", path, headers: { ...step.headers, "content-type": type } }, how: type }
  },
  (step, random) => {
    const as = pick(random, ["anonymous", "nobody", "alice"])
    return { step: { ...step, as }, how: `as ${as}` }
  },
]

/** A case with one of its requests bent, left out or repeated. */
export function bent(recorded: RecordedCase, random: Random): Story {
  const { steps } = recorded
  const places = [...steps.keys()].filter((at) => isRequest(steps[at]!))
  const at = places.length === 0 ? 0 : pick(random, places)
  const roll = random()
  const told = (how: string): string => `${how} at ${at + 1}`
  if (roll < 0.08 && steps.length > 1)
    return { story: { ...recorded, steps: steps.toSpliced(at, 1) }, how: told("left out") }
  if (roll < 0.2) {
    const { id: _, ...again } = steps[at]!
    return { story: { ...recorded, steps: steps.toSpliced(at + 1, 0, again) }, how: told("repeated") }
  }
  for (let tries = 0; tries < 5; tries++) {
    // The body is bent most of the time.
    const bend = random() < 0.6 ? bends[0]! : pick(random, bends)
    const next = bend(steps[at]!, random)
    if (next) return { story: { ...recorded, steps: steps.with(at, next.step) }, how: told(next.how) }
  }
  return { story: recorded, how: "as it is" }
}
