import { readFile } from "node:fs/promises"
import { join } from "node:path"
import {
  applyJsonPatch,
  applyMergePatch,
  applyStrategicMerge,
  combineMergePatches,
  createMergePatch,
  createStrategicMerge,
  createThreeWayMergePatch,
  createThreeWayStrategicMerge,
  createTopologies,
  isPatchError,
  type JsonPatchOptions,
  type JsonSchema,
  type Topology,
} from "@gitops-toolkit/patch"
import { onlyNulls, withoutNulls } from "../../packages/patch/src/merge/nulls.ts"
import { sortMergeLists } from "../../packages/patch/src/strategic/sort.ts"
import { equalJson as equal } from "@gitops-toolkit/kube"
import type { CaseResult, Conformance } from "./case.ts"

interface Case {
  readonly name: string
  readonly op?: string
  readonly schema?: string
  readonly compare?: string
  readonly expected?: unknown
  readonly [member: string]: unknown
}

type Map = { readonly [name: string]: unknown }

/** The first difference, or undefined when the case passes. */
type Judge = (each: Case, types: (name: string) => Topology) => string | undefined

/** Parses JSON; integers that a double cannot hold stay exact. */
function parse(text: string): unknown {
  return JSON.parse(text, (_name, value: unknown, context?: { source?: string }) =>
    typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? "")
      ? BigInt(context!.source!)
      : value,
  ) as unknown
}

function print(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(print).join(",")}]`
  if (typeof value === "bigint") return value.toString()
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "undefined"
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, each]) => `${JSON.stringify(name)}:${print(each)}`).join(",")}}`
}

const differ = (what: string, got: unknown, wanted: unknown): string | undefined =>
  equal(got, wanted) ? undefined : `${what}: got ${print(got)}, wanted ${print(wanted)}`

const isError = (expected: unknown): boolean => typeof expected === "object" && expected !== null && "error" in expected

const isRefusal = (error: unknown): boolean => isPatchError(error) || error instanceof SyntaxError

/** Runs `work`; a case may ask for any error. */
function attempt(expected: unknown, work: () => unknown): { readonly value?: unknown; readonly fault?: string } {
  try {
    const value = work()
    return isError(expected) ? { fault: `got ${print(value)}, wanted an error` } : { value }
  } catch (error) {
    if (isError(expected) && isRefusal(error)) return { fault: "" }
    return { fault: `threw ${String(error)}` }
  }
}

const rfc6902: Judge = ({ doc, patch, expected }) => {
  const { value, fault } = attempt(expected, () => applyJsonPatch(doc, patch as [], { dialect: "rfc6902" }))
  if (fault !== undefined) return fault || undefined
  return "doc" in (expected as Map) ? differ("doc", value, (expected as Map)["doc"]) : undefined
}

/** The library's tests run with a limit of 100 bytes for copies. */
const evanphxApply: Judge = ({ doc, patch, options, expected }) => {
  const settings = { dialect: "evanphx", maxCopyBytes: 100, ...(options as JsonPatchOptions | undefined) } as const
  const wanted = expected as Map
  try {
    const before = doc === "" ? undefined : parse(doc as string)
    const value = applyJsonPatch(before, parse(patch as string) as [], settings)
    if ("error" in wanted) return `got ${print(value)}, wanted an error`
    if ("changed" in wanted) return equal(before, value) === !wanted["changed"] ? undefined : "the wrong kind of change"
    if (!("doc" in wanted)) return undefined
    return differ("doc", value, wanted["doc"] === "" ? undefined : parse(wanted["doc"] as string))
  } catch (error) {
    if (!("error" in wanted) || !isRefusal(error)) return `threw ${String(error)}`
    return "message" in wanted && isPatchError(error) && error.rawMessage !== wanted["message"]
      ? `message: ${error.rawMessage}`
      : undefined
  }
}

const textJudge =
  (work: (each: Case) => unknown): Judge =>
  (each) => {
    const { value, fault } = attempt(each.expected, () => work(each))
    if (fault !== undefined) return fault || undefined
    return differ("result", value, parse(each.expected as string))
  }

const sortedIf = (each: Case, type: Topology, value: unknown): unknown =>
  each.compare === "sorted" ? sortMergeLists(type, value as Map) : value

/** Texts in, text out. */
const strategicText: Judge = ({ schema, original, patch, expected }, types) => {
  const { value, fault } = attempt(expected, () =>
    applyStrategicMerge(parse(original as string), parse(patch as string), types(schema!)),
  )
  if (fault !== undefined) return fault || undefined
  const wanted = isMapOf(expected) ? (expected["result"] ?? expected) : expected
  const text = typeof wanted === "string" ? wanted : print(wanted)
  return print(value) === print(parse(text)) ? undefined : `result: got ${print(value)}, wanted ${text}`
}

const isMapOf = (value: unknown): value is Map => typeof value === "object" && value !== null

const strategicApply: Judge = (each, types) => {
  const type = types(each.schema!)
  const { value, fault } = attempt(each.expected, () => applyStrategicMerge(each["original"], each["patch"], type))
  if (fault !== undefined) return fault || undefined
  return differ("result", sortedIf(each, type, value), sortedIf(each, type, (each.expected as Map)["result"]))
}

const createAndApply: Judge = (each, types) => {
  const type = types(each.schema!)
  const wanted = each.expected as Map
  const { original, modified, current } = each
  const check = (what: string, value: unknown): string | undefined =>
    what in wanted ? differ(what, sortedIf(each, type, value), sortedIf(each, type, wanted[what])) : undefined
  const twoWay = createStrategicMerge(original, modified, type)
  const early = check("twoWayPatch", twoWay) ?? check("twoWayResult", applyStrategicMerge(original, twoWay, type))
  if (early !== undefined || !("threeWayPatch" in wanted)) return early
  const conflict = wanted["conflictUnlessOverwrite"] === true
  if (conflict) {
    const { fault } = attempt({ error: true }, () =>
      createThreeWayStrategicMerge({ original, modified, current, overwrite: false }, type),
    )
    if (fault) return `without overwrite: ${fault}`
  }
  const threeWay = createThreeWayStrategicMerge({ original, modified, current, overwrite: conflict }, type)
  return check("threeWayPatch", threeWay) ?? check("result", applyStrategicMerge(current, threeWay, type))
}

const twoWayText: Judge = ({ schema, original, modified, expected }, types) => {
  const type = types(schema!)
  const patch = createStrategicMerge(parse(original as string), parse(modified as string), type)
  const result = applyStrategicMerge(parse(original as string), patch, type)
  const wanted = expected as { patch: string; result: string }
  if (print(patch) !== wanted.patch) return `patch: got ${print(patch)}, wanted ${wanted.patch}`
  return print(result) === wanted.result ? undefined : `result: got ${print(result)}, wanted ${wanted.result}`
}

const unknownField: Judge = (each, types) => {
  const type = types(each.schema!)
  const [original, modified, current] = ["original", "modified", "current"].map((name) => parse(each[name] as string))
  const wanted = each.expected as { [name: string]: string }
  const { value, fault } = attempt(
    Object.keys(wanted).some((name) => name.toLowerCase().endsWith("err")) ? { error: true } : wanted,
    () => {
      const twoWay = createStrategicMerge(original, modified, type)
      const threeWay = createThreeWayStrategicMerge({ original, modified, current }, type)
      return {
        twoWay,
        twoWayResult: applyStrategicMerge(original, twoWay, type),
        threeWay,
        threeWayResult: applyStrategicMerge(current, threeWay, type),
      }
    },
  )
  if (fault !== undefined) return fault || undefined
  for (const [name, text] of Object.entries(wanted)) {
    const got = print((value as Map)[name])
    if (name in (value as Map) && got !== text) return `${name}: got ${got}, wanted ${text}`
  }
  return undefined
}

const threeWay: Judge = ({ original, modified, current, expected }) => {
  const wanted = expected as Map
  const { value, fault } = attempt(expected, () => createThreeWayMergePatch({ original, modified, current }))
  if (fault !== undefined) return fault || undefined
  return (
    differ("patch", value, wanted["patch"]) ?? differ("result", applyMergePatch(current ?? {}, value), wanted["result"])
  )
}

const judges: { readonly [fileAndOp: string]: Judge } = {
  "rfc6902/-": rfc6902,
  "evanphx/apply": evanphxApply,
  "evanphx/equal": ({ a, b, expected }) =>
    equal(parse(a as string), parse(b as string)) === expected ? undefined : `not ${String(expected)}`,
  "merge-patch/merge": textJudge(({ doc, patch }) => applyMergePatch(parse(doc as string), parse(patch as string))),
  "merge-patch/create": textJudge(({ original, modified }) =>
    createMergePatch(parse(original as string), parse(modified as string)),
  ),
  "merge-patch/matchesValue": ({ a, b, expected }) =>
    equal(a, b) === expected ? undefined : `not ${String(expected)}`,
  "merge-patch/mergeMergePatches": textJudge(({ first, second }) =>
    combineMergePatches(parse(first as string), parse(second as string)),
  ),
  "three-way-merge/keepOrDeleteNull": ({ object, expected }) =>
    differ("withNull", onlyNulls(object), (expected as Map)["withNull"]) ??
    differ("withoutNull", withoutNulls(object), (expected as Map)["withoutNull"]),
  "three-way-merge/threeWay": threeWay,
  "strategic/apply": strategicApply,
  "strategic/applyText": strategicText,
  "strategic/createAndApply": createAndApply,
  "strategic/sortMergeLists": ({ schema, original, expected }, types) =>
    differ("sorted", sortMergeLists(types(schema!), original as Map), expected),
  "strategic/twoWayText": twoWayText,
  "strategic/unknownField": unknownField,
}

async function loadTypes(corpus: string): Promise<(name: string) => Topology> {
  const documents = JSON.parse(await readFile(join(corpus, "strategic-schemas.json"), "utf8")) as {
    [name: string]: { definitions: { [name: string]: JsonSchema } }
  }
  return (name) => {
    const definitions = documents[name]!.definitions
    const find = (type: string): JsonSchema | undefined =>
      definitions[type] ?? (type.endsWith("RawExtension") ? { type: "object" } : undefined)
    return createTopologies(find).named(name)!
  }
}

/** The one case that a parsed document cannot show: a member that stands twice in its text. */
function isUnseen({ expected, disabled }: Case): boolean {
  return disabled === true && isError(expected) && /two '\w+' members/.test(String((expected as Map)["error"]))
}

/** RFC 6902, evanphx/json-patch, merge patches, three-way merge and strategic merge. */
const jsonPatch: Conformance = async function* (corpus): AsyncGenerator<CaseResult> {
  const types = await loadTypes(corpus)
  for (const file of ["rfc6902", "evanphx", "merge-patch", "three-way-merge", "strategic"]) {
    const lines = (await readFile(join(corpus, `${file}.jsonl`), "utf8")).split("\n").filter((line) => line !== "")
    for (const line of lines) {
      const each = JSON.parse(line) as Case
      if (isUnseen(each)) continue
      const judge = judges[`${file}/${each.op ?? "-"}`]
      let difference: string | undefined
      try {
        difference = judge ? judge(each, types) : `nobody judges ${file}/${each.op ?? "-"}`
      } catch (error) {
        difference = `threw ${String(error)}`
      }
      yield {
        name: each.name,
        group: file,
        passed: difference === undefined,
        ...(difference === undefined ? {} : { difference }),
      }
    }
  }
}

export default jsonPatch
