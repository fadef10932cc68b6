import type { KubeObject } from "@gitops-toolkit/kube"
import { ManifestError, parseYamlDocuments, printYaml } from "@gitops-toolkit/kube/manifest"
import { KustomizeError } from "./error.ts"
import { formatRef, isKubeObject, refOf } from "@gitops-toolkit/kube"
import { functionOf } from "./substitution/functions.ts"
import { parseTemplate } from "./substitution/template.ts"
import type { Expression, TemplatePart } from "./substitution/template.ts"

/** Variables by name. */
export type Variables = { readonly [name: string]: string }

/** Options of substitution. */
export interface SubstituteOptions {
  /** An unset variable without a default is an error; default false: it is empty. */
  readonly strict?: boolean
  /** Substitutes also when there are no variables at all, so that defaults apply; default false. */
  readonly always?: boolean
}

const marker = "kustomize.toolkit.fluxcd.io/substitute"
const namePattern = /^[_a-zA-Z][_a-zA-Z0-9]*$/

interface Evaluation {
  readonly variables: ReadonlyMap<string, string>
  readonly missing: Set<string>
}

const defaults = new Set(["=", ":=", ":-", ":+", ":?"])

function evaluate(parts: readonly TemplatePart[], evaluation: Evaluation): string {
  return parts.map((part) => (typeof part === "string" ? part : evaluateExpression(part, evaluation))).join("")
}

function evaluateExpression({ variable, operator, parameters }: Expression, evaluation: Evaluation): string {
  const args = parameters.map((parameter) => evaluate(parameter, evaluation))
  const value = evaluation.variables.get(variable)
  if (value === undefined && !defaults.has(operator)) evaluation.missing.add(variable)
  return functionOf(operator)(value ?? "", args)
}

function expand(text: string, variables: ReadonlyMap<string, string>, strict: boolean): string {
  const evaluation: Evaluation = { variables, missing: new Set() }
  const result = evaluate(parseTemplate(text), evaluation)
  if (!strict || evaluation.missing.size === 0) return result
  const names = [...evaluation.missing].map((name) => `"${name}"`).join(", ")
  throw new KustomizeError("SubstitutionFailed", `variable not set (strict mode): ${names}`)
}

/**
 * Expands `${…}` in a text, in the dialect of Flux: `${v}`, `${v:=default}`, `${v:position:length}`, `${v/a/b}`,
 * `${v#pattern}`, `${v^^}`, `${#v}` and their kin. `$$` is a dollar sign, `$v` without braces stays.
 *
 * Throws `SubstitutionFailed` for an expression that does not end and, when `strict`, for unset variables: all of them
 * at once.
 *
 * @example
 * substituteText("${region:=eu}-${zone}", { zone: "1" })   // "eu-1"
 */
export function substituteText(
  text: string,
  variables: Variables,
  options: { readonly strict?: boolean } = {},
): string {
  return text.includes("$") ? expand(text, new Map(Object.entries(variables)), options.strict === true) : text
}

/** Names must be words; values lose their line breaks, as with Flux. */
function checkedVariables(variables: Variables): Map<string, string> {
  const checked = new Map<string, string>()
  for (const [name, value] of Object.entries(variables)) {
    if (!namePattern.test(name)) {
      throw new KustomizeError("SubstitutionFailed", `'${name}' is no name for a variable: letters, digits and _ only`)
    }
    checked.set(name, value.replaceAll("\n", ""))
  }
  return checked
}

function isDisabled({ metadata }: KubeObject): boolean {
  return metadata.labels?.[marker] === "disabled" || metadata.annotations?.[marker] === "disabled"
}

/**
 * Flux's `postBuild`: expands variables in the YAML text of every object, which is then read again. So a value can
 * become a number or, with YAML in it, a structure. Objects with the label or annotation
 * `kustomize.toolkit.fluxcd.io/substitute: disabled` stay as they are, and without any variables all do (see `always`).
 *
 * Throws `SubstitutionFailed` with the object's `ref`: for bad names of variables, bad expressions, text that is no
 * object any more and, when `strict`, for unset variables.
 *
 * @example
 * substitute([configMap], { region: "eu" })
 */
export function substitute(
  objects: readonly KubeObject[],
  variables: Variables,
  options: SubstituteOptions = {},
): KubeObject[] {
  const checked = checkedVariables(variables)
  if (checked.size === 0 && options.always !== true) return [...objects]
  return objects.map((object) => (isDisabled(object) ? object : substituteObject(object, checked, options)))
}

function substituteObject(
  object: KubeObject,
  variables: ReadonlyMap<string, string>,
  options: SubstituteOptions,
): KubeObject {
  const text = printYaml(object)
  if (!text.includes("$")) return object
  try {
    const [document] = parseYamlDocuments(expand(text, variables, options.strict === true), { profile: "kubectl" })
    if (isKubeObject(document?.value)) return document.value
    throw new KustomizeError("SubstitutionFailed", "the substituted text is no object")
  } catch (error) {
    if (!(error instanceof KustomizeError) && !(error instanceof ManifestError)) throw error
    const ref = refOf(object)
    throw new KustomizeError("SubstitutionFailed", `${formatRef(ref)}: ${error.rawMessage}`, { ref, cause: error })
  }
}

/** One source of variables: a ConfigMap or Secret, its values decoded. */
export interface VariableSource {
  readonly kind: "ConfigMap" | "Secret"
  readonly name: string
  /** A missing one is no error; default false. */
  readonly optional?: boolean
  /** Absent when it does not exist. */
  readonly data?: Variables
}

/**
 * The variables of a Flux `postBuild`: later sources win over earlier ones, inline ones over all. Throws
 * `SubstitutionFailed` for a source that does not exist, unless it is optional.
 *
 * @example
 * collectVariables({ region: "eu" }, [{ kind: "ConfigMap", name: "vars", data: { zone: "1" } }])
 */
export function collectVariables(inline: Variables, sources: readonly VariableSource[] = []): Variables {
  const variables = new Map<string, string>()
  for (const { kind, name, data, optional } of sources) {
    if (data === undefined && optional !== true) {
      throw new KustomizeError("SubstitutionFailed", `substitute from '${kind}/${name}' error: it does not exist`)
    }
    for (const [key, value] of Object.entries(data ?? {})) variables.set(key, value)
  }
  for (const [key, value] of Object.entries(inline)) variables.set(key, value)
  return Object.fromEntries(variables)
}
