import { existsSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import {
  assertValid,
  compareObjects,
  difference,
  emptyFieldSet,
  extract,
  fieldSetOf,
  fieldSetOfPaths,
  formatPath,
  has,
  isApplyConflict,
  isPatchError,
  leaves,
  mergeApply,
  mergeObjects,
  mergeUpdate,
  parseFieldSet,
  parsePathElement,
  pathsOf,
  printFieldSet,
  printPathElement,
  recursiveDifference,
  sameFieldSet,
  union,
  validateObject,
  type FieldSet,
  type ManagedSet,
  type Managers,
  type Path,
  type Topology,
} from "@gitops-toolkit/patch"
import { reconcileFieldSet } from "../../packages/patch/src/structured/reconcile-schema.ts"
import { removeItems } from "../../packages/patch/src/structured/remove.ts"
import { equalJson as equal } from "@gitops-toolkit/kube"
import { parseDocument } from "yaml"
import type { CaseResult, Conformance, ConformanceOptions } from "./case.ts"
import { createTypes, type SmdSchema, type TypeRef } from "./smd-schema.ts"

interface Case {
  readonly name: string
  readonly op: string
  readonly type: TypeRef & { readonly oldSchema?: string; readonly newSchema?: string }
  readonly input: never
  readonly expected: never
}

type Types = (ref: TypeRef) => Topology
type Judge = (each: Case, types: Types) => string | undefined
type Map1 = { readonly [name: string]: unknown }

/** YAML 1.1 without timestamps. Upstream's parser stops after the first node; some cases have a brace too many. */
function yaml(text: unknown): unknown {
  if (typeof text !== "string") return text ?? null
  const document = parseDocument(text, {
    version: "1.1",
    uniqueKeys: false,
    customTags: (tags) => tags.filter((tag) => typeof tag === "string" || tag.tag !== "tag:yaml.org,2002:timestamp"),
  })
  return (document.toJS() as unknown) ?? null
}

const show = (value: unknown): string => JSON.stringify(value) ?? "undefined"

const differ = (what: string, got: unknown, wanted: unknown): string | undefined =>
  equal(got, wanted) ? undefined : `${what}: got ${show(got)}, wanted ${show(wanted)}`

const differSet = (what: string, got: FieldSet, wanted: unknown): string | undefined =>
  sameFieldSet(got, parseFieldSet(wanted))
    ? undefined
    : `${what}: got ${show(printFieldSet(got))}, wanted ${show(wanted)}`

function succeeds(work: () => unknown): boolean {
  try {
    work()
    return true
  } catch (error) {
    if (isPatchError(error)) return false
    throw error
  }
}

const pathOf = (texts: readonly string[]): Path => texts.map((text) => parsePathElement(text)!)

// ---- smd-fieldpath

/** A set guessed without a schema: upstream's tests only; list items go by `key`, `id`, `name`, else by index. */
function guessSet(value: unknown, path: Path = []): Path[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => guessSet(item, [...path, guessElement(item, index)]))
  if (typeof value !== "object" || value === null) return path.length > 0 ? [path] : []
  return Object.entries(value).flatMap(([name, each]) => guessSet(each, [...path, { type: "field", name }]))
}

function guessElement(item: unknown, index: number): Path[number] {
  if (typeof item !== "object" || item === null || Array.isArray(item)) return { type: "index", index }
  const fields = ["id", "key", "name"].flatMap((name): [string, unknown][] => {
    const value = (item as Map1)[name]
    return value === undefined || typeof value === "object" ? [] : [[name, value]]
  })
  return fields.length > 0 ? { type: "key", fields } : { type: "index", index }
}

const fieldpath: { readonly [op: string]: Judge } = {
  fromValue: ({ input, expected }) => differSet("set", fieldSetOfPaths(guessSet(yaml(input))), expected),
  pathString: ({ input, expected }) => differ("text", formatPath(pathOf(input)), expected),
  leaves: ({ input, expected }) => differSet("leaves", leaves(parseFieldSet(input)), expected),
  difference: ({ input, expected }) => {
    const [lhs, rhs] = [parseFieldSet((input as Map1)["lhs"]), parseFieldSet((input as Map1)["rhs"])]
    return (
      differSet("difference", difference(lhs, rhs), (expected as Map1)["difference"]) ??
      differSet("recursive", recursiveDifference(lhs, rhs), (expected as Map1)["recursiveDifference"])
    )
  },
  fieldsV1RoundTrip: ({ input, expected }) =>
    differ("text", JSON.stringify(printFieldSet(parseFieldSet(input))), expected),
  fieldsV1Parse: ({ input, expected }) =>
    differ(
      "ok",
      succeeds(() => parseFieldSet(input)),
      (expected as Map1)["ok"],
    ),
  pathElementRoundTrip: ({ input, expected }) => differ("text", printPathElement(parsePathElement(input)!), expected),
  pathElementParse: ({ input, expected }) => {
    let known = true
    const ok = succeeds(() => (known = parsePathElement(input) !== undefined))
    return differ("ok", ok && known, (expected as Map1)["ok"])
  },
  conflictsText: ({ input, expected }) => {
    const managers = Object.entries(input as { [manager: string]: { fields: unknown } }).toSorted(([a], [b]) =>
      a < b ? -1 : 1,
    )
    const conflicts = managers.flatMap(([manager, { fields }]) =>
      [...pathsOf(parseFieldSet(fields))].map((path) => ({ manager, path: formatPath(path) })),
    )
    if (conflicts.length === 1)
      return differ("text", `conflict with ${show(conflicts[0]!.manager)}: ${conflicts[0]!.path}`, expected)
    const lines = managers.flatMap(([manager]) => [
      `conflicts with ${show(manager)}:`,
      ...conflicts.filter((each) => each.manager === manager).map(({ path }) => `- ${path}`),
    ])
    return differ("text", lines.join("\n"), expected)
  },
}

// ---- smd-typed

/** The keys of every item on the way to a path that the object has: upstream's option of extraction. */
function withKeys(object: unknown, set: FieldSet, topology: Topology): FieldSet {
  const present = fieldSetOf(object, topology)
  const keys: Path[] = []
  for (const path of pathsOf(set)) {
    if (!has(present, path)) continue
    path.forEach((element, index) => {
      if (element.type !== "key") return
      for (const [name] of element.fields) keys.push([...path.slice(0, index + 1), { type: "field", name }])
    })
  }
  return union(set, fieldSetOfPaths(keys))
}

const typed: { readonly [op: string]: Judge } = {
  merge: ({ type, input, expected }, types) => {
    const topology = types(type)
    const { lhs, rhs } = input as { lhs: string; rhs: string }
    return differ("merged", mergeObjects(yaml(lhs), yaml(rhs), topology), yaml(expected))
  },
  compare: ({ type, input, expected }, types) => {
    const { lhs, rhs } = input as { lhs: string; rhs: string }
    const wanted = expected as { removed: unknown; modified: unknown; added: unknown }
    const got = compareObjects(yaml(lhs), yaml(rhs), types(type))
    return (
      differSet("removed", got.removed, wanted.removed) ??
      differSet("modified", got.modified, wanted.modified) ??
      differSet("added", got.added, wanted.added)
    )
  },
  toFieldSet: ({ type, input, expected }, types) =>
    differSet("set", fieldSetOf(yaml((input as Map1)["object"]), types(type)), expected),
  removeExtract: ({ type, input, expected }, types) => {
    const { object, set } = input as { object: string; set: unknown }
    const wanted = expected as { removed: string; extracted: string }
    const fields = parseFieldSet(set)
    const check = (what: string, got: unknown, text: string): string | undefined =>
      text === "unparseable" ? undefined : differ(what, got, yaml(text)) // upstream's mark for "not checked"
    return (
      check("removed", removeItems(types(type), yaml(object), fields), wanted.removed) ??
      check("extracted", extract(yaml(object), fields, { topology: types(type) }) ?? null, wanted.extracted)
    )
  },
  extractWithKeys: ({ type, input, expected }, types) => {
    const { object, set } = input as { object: string; set: unknown }
    const topology = types(type)
    const fields = withKeys(yaml(object), parseFieldSet(set), topology)
    return differ("extracted", extract(yaml(object), fields, { topology }) ?? null, yaml(expected))
  },
  reconcileSchema: ({ type, input, expected }, types) => {
    const { oldFields } = input as { oldFields: unknown }
    const before = parseFieldSet(oldFields)
    const after = reconcileFieldSet(types({ schema: type.newSchema!, type: (type as { type: string }).type }), before)
    if (expected === null) return after === before ? undefined : `changed to ${show(printFieldSet(after))}`
    return differSet("set", after, expected)
  },
  validate: ({ type, input, expected }, types) => {
    const object = yaml((input as Map1)["object"])
    const wanted = expected as { valid: boolean; validWithDuplicatesAllowed?: boolean }
    const topology = types(type)
    return (
      differ("valid", validateObject(object, topology).length === 0, wanted.valid) ??
      (wanted.validWithDuplicatesAllowed === undefined
        ? undefined
        : differ(
            "valid with duplicates",
            validateObject(object, topology, { allowDuplicates: true }).length === 0,
            wanted.validWithDuplicatesAllowed,
          ))
    )
  },
}

// ---- smd-apply

interface Step {
  readonly op: "apply" | "forceApply" | "update" | "extractApply" | "changeSchema"
  readonly manager: string
  readonly apiVersion: string
  readonly object: string
  readonly schema?: string
  readonly expectConflicts?: readonly { readonly manager: string; readonly path: readonly string[] }[]
  readonly upstreamLive?: unknown
  readonly upstreamManaged?: WantedManagers
}

type WantedManagers = { readonly [manager: string]: { readonly apiVersion: string; readonly fields: unknown } }

interface Sequence extends Case {
  readonly converter: "identity" | "renaming" | "repeating" | "reliantFields"
  readonly types: { readonly [apiVersion: string]: TypeRef }
  readonly steps: readonly Step[]
  readonly ignoredFields?: { readonly [apiVersion: string]: unknown }
  readonly ignoreFilterExclude?: { readonly [apiVersion: string]: unknown }
}

type Convert = (object: unknown, from: string, to: string) => unknown

const digits = (version: string): number => Number(version.replace(/\D/g, "")) || 1

function mapNames(value: unknown, change: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => mapNames(item, change))
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [change(name), mapNames(each, change)]))
}

const converters: { readonly [name in Sequence["converter"]]: Convert } = {
  identity: (object) => object,
  renaming: (object, from, to) => mapNames(object, (name) => name.replaceAll(`_${from}`, `_${to}`)),
  repeating: (object, _from, to) => repeatBelow(object, digits(to), 0),
  reliantFields: (object, _from, to) => {
    if (typeof object !== "object" || object === null) return object
    const { field_foo_rely_on_bar: foo, required_field_bar: bar, ...rest } = object as Map1
    if (to === "v1") {
      if (bar === undefined && foo === undefined) throw new Error("required_field_bar is missing")
      return { ...rest, field_foo_rely_on_bar: foo ?? bar }
    }
    return { ...rest, ...(foo === undefined && bar === undefined ? {} : { required_field_bar: bar ?? foo }) }
  },
}

/**
 * A key is its character as many times as the version's number; the fields of the root keep their names. Of two keys
 * that become one, the last by name stays, since upstream's converter prints sorted YAML.
 */
function repeatBelow(value: unknown, times: number, depth: number): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, each]) => [depth === 0 ? name : name[0]!.repeat(times), repeatBelow(each, times, depth + 1)]),
  )
}

interface State {
  live: unknown
  version: string
  managers: Managers
  schemaOf: (apiVersion: string) => Topology | undefined
}

function run(each: Sequence, types: Types): string | undefined {
  const first = each.steps[0]!.apiVersion
  const state: State = {
    live: null,
    version: first,
    managers: new Map(),
    schemaOf: (apiVersion) => {
      const ref = each.types[apiVersion] ?? (each.converter === "identity" ? Object.values(each.types)[0] : undefined)
      return ref && types(ref)
    },
  }
  for (const [index, step] of each.steps.entries()) {
    const fault = runStep(each, { state, step, types })
    const wrong = fault ?? differFromUpstream(state, step)
    if (wrong !== undefined) return `step ${index}: ${wrong}`
  }
  const { object, apiVersion, managed } = each.expected as {
    object?: string
    apiVersion?: string
    managed?: WantedManagers
  }
  const at = apiVersion ?? state.version
  return (
    (object === undefined
      ? undefined
      : differ("object", converters[each.converter](state.live, state.version, at), yaml(object))) ??
    (managed === undefined ? undefined : differManagers(state.managers, managed))
  )
}

/** What upstream held after the step, to find the first one that goes wrong. */
function differFromUpstream({ live, managers }: State, { upstreamLive, upstreamManaged }: Step): string | undefined {
  return (
    (upstreamLive === undefined ? undefined : differ("live", live, upstreamLive)) ??
    (upstreamManaged === undefined ? undefined : differManagers(managers, upstreamManaged))
  )
}

function differManagers(managers: Managers, wanted: WantedManagers): string | undefined {
  for (const name of new Set([...managers.keys(), ...Object.keys(wanted)])) {
    const got: ManagedSet | undefined = managers.get(name)
    const want = wanted[name]
    if (!got || !want) return `manager ${name} is ${got ? "too much" : "missing"}`
    if (got.apiVersion !== want.apiVersion)
      return `manager ${name}: version ${got.apiVersion}, wanted ${want.apiVersion}`
    const fault = differSet(`manager ${name}`, got.fields, want.fields)
    if (fault !== undefined) return fault
  }
  return undefined
}

interface Running {
  readonly state: State
  readonly step: Step
  readonly types: Types
}

function runStep(each: Sequence, { state, step, types }: Running): string | undefined {
  if (step.op === "changeSchema") {
    const before = state.schemaOf
    state.schemaOf = (apiVersion) => {
      const ref = each.types[apiVersion]
      return ref && "schema" in ref ? types({ ...ref, schema: step.schema! }) : before(apiVersion)
    }
    return undefined
  }
  const { apiVersion, manager } = step
  const topology = state.schemaOf(apiVersion)!
  const convert = converters[each.converter]
  const object = yaml(step.object)
  assertValid(object, topology, { allowDuplicates: step.op === "update" })
  const live = convert(state.live, state.version, apiVersion)
  const excluded = each.ignoredFields ?? each.ignoreFilterExclude
  const common = {
    live,
    managers: state.managers,
    manager,
    apiVersion,
    topology,
    versions: { topologyOf: (version: string) => state.schemaOf(version), convert },
    owned:
      excluded &&
      ((fields: FieldSet, version: string) => recursiveDifference(fields, parseFieldSet(excluded[version]))),
  }
  const desired = step.op === "extractApply" ? extractAndMerge(state, { live, object, step, topology }) : object
  const result =
    step.op === "update"
      ? mergeUpdate({ ...common, object })
      : mergeApply({ ...common, desired, force: step.op !== "apply" })
  if (isApplyConflict(result)) {
    if (!step.expectConflicts) return `conflicts: ${result.conflicts.map(({ path }) => formatPath(path)).join(", ")}`
    const got = new Set(result.conflicts.map(({ manager: name, path }) => `${name} ${formatPath(path)}`))
    const want = new Set(step.expectConflicts.map(({ manager: name, path }) => `${name} ${formatPath(pathOf(path))}`))
    if (want.size > 0 && (got.size !== want.size || [...want].some((text) => !got.has(text)))) {
      return `conflicts: got ${[...got].join(", ")}, wanted ${[...want].join(", ")}`
    }
  } else {
    if (step.expectConflicts && step.expectConflicts.length > 0) return "no conflicts"
    Object.assign(state, { live: result.object, version: apiVersion, managers: result.managers })
  }
  return undefined
}

function extractAndMerge(
  state: State,
  { live, object, step, topology }: { live: unknown; object: unknown; step: Step; topology: Topology },
): unknown {
  if (state.live === null) return object
  const mine = state.managers.get(step.manager)
  const fields = mine ? leaves(mine.fields) : emptyFieldSet
  return mergeObjects(extract(live, fields, { topology }) ?? null, object, topology)
}

const applySequence: Judge = (each, types) => {
  const sequence = each as unknown as Sequence
  const wanted = sequence.expected as { error?: string }
  try {
    const fault = run(sequence, types)
    return wanted.error === undefined ? fault : "no error"
  } catch (error) {
    if (wanted.error !== undefined && isPatchError(error)) {
      const text = wanted.error.replace(/^failed operation \d+: /, "")
      return text === error.rawMessage ? undefined : `error: got ${error.rawMessage}, wanted ${text}`
    }
    throw error
  }
}

const files: { readonly [file: string]: { readonly [op: string]: Judge } } = {
  "smd-fieldpath": fieldpath,
  "smd-typed": typed,
  "smd-apply": { applySequence },
}

async function readCases(path: string): Promise<readonly Case[]> {
  const lines = (await readFile(path, "utf8")).split("\n").filter((line) => line !== "")
  return lines.map((line) => JSON.parse(line) as Case)
}

function judge(each: Case, judges: { readonly [op: string]: Judge }, types: Types): string | undefined {
  try {
    const judgeOf = judges[each.op]
    return judgeOf ? judgeOf(each, types) : `nobody judges ${each.op}`
  } catch (error) {
    return `threw ${String(error)}`
  }
}

async function* argo(corpus: string, options: ConformanceOptions): AsyncGenerator<CaseResult> {
  const adapter = join(import.meta.dirname, "diff-argo.ts")
  if (existsSync(adapter)) {
    const { default: suite } = (await import(adapter)) as { default: Conformance }
    return yield* suite(corpus, options)
  }
  for (const file of ["argo-diff", "argo-normalize"]) {
    for (const { name } of await readCases(join(corpus, `${file}.jsonl`))) {
      yield { name, group: file, passed: false, difference: "its engine is not written yet" }
    }
  }
}

/** Structured merge (`smd-*`), and Argo's diff by `diff-argo.ts` where that exists. */
const diff: Conformance = async function* (corpus, options): AsyncGenerator<CaseResult> {
  const schemas = JSON.parse(await readFile(join(corpus, "smd-schemas.json"), "utf8")) as { [key: string]: SmdSchema }
  const types = createTypes(schemas)
  for (const [file, judges] of Object.entries(files)) {
    for (const each of await readCases(join(corpus, `${file}.jsonl`))) {
      const fault = judge(each, judges, types)
      yield {
        name: each.name,
        group: file,
        passed: fault === undefined,
        ...(fault === undefined ? {} : { difference: fault }),
      }
    }
  }
  yield* argo(corpus, options)
}

export default diff
