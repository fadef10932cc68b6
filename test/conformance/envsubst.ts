import { readFileSync } from "node:fs"
import { join } from "node:path"
import { isDeepStrictEqual } from "node:util"
import type { KubeObject } from "@gitops-toolkit/kube"
import { parseManifests, parseYamlDocuments, printYaml } from "@gitops-toolkit/kube/manifest"
import { collectVariables, substitute, substituteText } from "@gitops-toolkit/kustomize"
import type { VariableSource, Variables } from "@gitops-toolkit/kustomize"
import type { CaseResult, Conformance } from "./case.ts"

interface TextCase {
  readonly name: string
  readonly op: "eval" | "func"
  readonly template?: string
  readonly vars?: Variables
  readonly strict?: boolean
  readonly func?: string
  readonly value?: string
  readonly args?: readonly string[]
  readonly expected: { readonly output?: string; readonly error?: string }
}

const operators: { readonly [name: string]: string } = {
  lower: ",,",
  lowerFirst: ",",
  upper: "^^",
  upperFirst: "^",
  default: ":-",
  substr: ":",
  replaceAll: "//",
  replaceFirst: "/",
  replacePrefix: "/#",
  replaceSuffix: "/%",
  trimShortestPrefix: "#",
  trimLongestPrefix: "##",
  trimShortestSuffix: "%",
  trimLongestSuffix: "%%",
  len: "#",
  toLen: "#",
}

/** The expression that calls one function; its arguments are variables, so that any text will do. */
function expressionOf({ func = "", args = [] }: TextCase): string {
  const operator = operators[func]
  if (operator === undefined) throw new Error(`no operator for ${func}`)
  if (func === "len" || func === "toLen") return "${#v}"
  const separator = operator === ":" ? ":" : "/"
  return `\${v${operator}${args.map((_, i) => `\${a${i}}`).join(separator)}}`
}

const argumentsOf = ({ value = "", args = [] }: TextCase): Variables => ({
  v: value,
  ...Object.fromEntries(args.map((arg, i) => [`a${i}`, arg])),
})

function outcome(action: () => string): { readonly output?: string; readonly error?: string } {
  try {
    return { output: action() }
  } catch (error) {
    return { error: error instanceof Error ? error.message : "threw" }
  }
}

function textCase(test: TextCase): CaseResult {
  const actual = outcome(() =>
    test.op === "eval"
      ? substituteText(test.template ?? "", test.vars ?? {}, { strict: test.strict === true })
      : substituteText(expressionOf(test), argumentsOf(test)),
  )
  const { expected } = test
  const passed = expected.error === undefined ? actual.output === expected.output : actual.error !== undefined
  return { name: test.name, passed, difference: `expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}` }
}

interface ObjectCase {
  readonly name: string
  readonly substitute: Variables | null
  readonly substituteFrom: readonly (VariableSource & { readonly missing?: boolean })[] | null
  readonly options: { readonly strict?: boolean; readonly always?: boolean }
  readonly resource: string
  readonly expected: {
    readonly resource?: string
    readonly contains?: readonly string[]
    readonly notContains?: readonly string[]
    readonly data?: Variables
    readonly stringData?: Variables
    readonly labels?: Variables
    readonly dataContains?: { readonly [key: string]: readonly string[] }
    readonly dataNotContains?: { readonly [key: string]: readonly string[] }
    readonly errorContains?: string
  }
}

function holds(values: unknown, wanted: Variables | undefined): boolean {
  return Object.entries(wanted ?? {}).every(([key, value]) => isDeepStrictEqual((values as Variables)?.[key], value))
}

function check(object: KubeObject, { expected }: ObjectCase): boolean {
  const text = printYaml(object)
  const data = (key: string): string => String((object["data"] as Variables)?.[key] ?? "")
  return (
    (expected.resource === undefined || isDeepStrictEqual(object, parseManifests(expected.resource)[0])) &&
    (expected.contains ?? []).every((part) => text.includes(part)) &&
    (expected.notContains ?? []).every((part) => !text.includes(part)) &&
    holds(object["data"], expected.data) &&
    holds(object["stringData"], expected.stringData) &&
    holds(object.metadata.labels, expected.labels) &&
    Object.entries(expected.dataContains ?? {}).every(([key, parts]) =>
      parts.every((part) => data(key).includes(part)),
    ) &&
    Object.entries(expected.dataNotContains ?? {}).every(([key, parts]) =>
      parts.every((part) => !data(key).includes(part)),
    )
  )
}

function objectCase(test: ObjectCase): CaseResult {
  try {
    const sources = (test.substituteFrom ?? []).map(({ missing, data, ...source }) =>
      missing === true ? source : { ...source, data: data ?? {} },
    )
    const variables = collectVariables(test.substitute ?? {}, sources)
    const [object] = substitute(parseManifests(test.resource), variables, test.options)
    const passed = test.expected.errorContains === undefined && object !== undefined && check(object, test)
    return { name: test.name, passed, difference: printYaml(object) }
  } catch (error) {
    const message = error instanceof Error ? error.message : "threw"
    const wanted = test.expected.errorContains
    return { name: test.name, passed: wanted !== undefined && message.includes(wanted), difference: message }
  }
}

/** Flux's variable substitution: templates, single functions, and whole resources. */
const suite: Conformance = async function* (corpus) {
  for (const line of readFileSync(join(corpus, "cases.jsonl"), "utf8").split("\n")) {
    if (line !== "") yield { ...textCase(JSON.parse(line) as TextCase), group: "cases" }
  }
  const [document] = parseYamlDocuments(readFileSync(join(corpus, "postbuild.yaml"), "utf8"))
  const { cases } = document!.value as { readonly cases: readonly ObjectCase[] }
  for (const test of cases) {
    yield { ...objectCase(test), group: "postbuild" }
  }
}

export default suite
