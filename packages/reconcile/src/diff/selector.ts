import { groupOf, versionOf, type KubeObject, type StringMap } from "@gitops-toolkit/kube"
import { compilePattern } from "@gitops-toolkit/kube/pattern"
import { ReconcileError } from "../error.ts"

/**
 * Which objects are meant: regular expressions (RE2) over whole texts, and selectors over labels and annotations as
 * kubectl's `-l`. What is absent or empty matches anything.
 */
export interface ObjectSelector {
  readonly group?: string
  readonly version?: string
  readonly kind?: string
  readonly namespace?: string
  readonly name?: string
  readonly labelSelector?: string
  readonly annotationSelector?: string
}

/**
 * A test for objects that `selector` means. Undefined means all. Throws `KubeError` `InvalidPattern` or
 * `ReconcileError` `InvalidPattern` for what cannot be read.
 *
 * @example
 * const meant = compileSelector({ kind: "Deployment", name: "web-.*" })
 * meant({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web-eu" } })   // true
 * meant({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "my-web-eu" } })   // false
 */
export function compileSelector(selector: ObjectSelector | undefined): (object: KubeObject) => boolean {
  if (selector === undefined) return () => true
  const texts = (["group", "version", "kind", "namespace", "name"] as const).flatMap((field) => {
    const pattern = selector[field]
    if (pattern === undefined || pattern === "") return []
    const compiled = compilePattern(pattern)
    return [(object: KubeObject) => compiled.matches(fieldOf(object, field))]
  })
  const labels = compileLabelSelector(selector.labelSelector)
  const annotations = compileLabelSelector(selector.annotationSelector)
  return (object) =>
    texts.every((test) => test(object)) &&
    labels(object.metadata?.labels ?? {}) &&
    annotations(object.metadata?.annotations ?? {})
}

function fieldOf(object: KubeObject, field: "group" | "version" | "kind" | "namespace" | "name"): string {
  const apiVersion = object.apiVersion ?? ""
  if (field === "group") return groupOf(apiVersion)
  if (field === "version") return versionOf(apiVersion)
  if (field === "kind") return object.kind ?? ""
  return object.metadata?.[field] ?? ""
}

type Requirement = (labels: StringMap) => boolean

/**
 * A test for labels by a selector in Kubernetes' syntax (`a=b`, `a!=b`, `a in (b,c)`, `a notin (b)`, `a`, `!a`,
 * `a>1`), joined by commas. Empty or absent matches anything. Throws `ReconcileError` `InvalidPattern` for what cannot be read.
 *
 * @example
 * const meant = compileLabelSelector("app=web, tier in (front, back), !canary")
 * meant({ app: "web", tier: "front" })   // true
 * meant({ app: "web", tier: "front", canary: "yes" })   // false
 */
export function compileLabelSelector(text: string | undefined): (labels: StringMap) => boolean {
  const requirements = splitRequirements(text ?? "").map(compileRequirement)
  return (labels) => requirements.every((requirement) => requirement(labels))
}

function splitRequirements(text: string): string[] {
  if (text.trim() === "") return []
  const parts: string[] = [""]
  let depth = 0
  for (const character of text) {
    if (character === "(") depth++
    if (character === ")") depth--
    if (character === "," && depth === 0) parts.push("")
    else parts[parts.length - 1] += character
  }
  return parts.map((part) => part.trim())
}

const key = "[A-Za-z0-9](?:[-A-Za-z0-9_./]{0,315}[A-Za-z0-9])?"
const value = "[-A-Za-z0-9_.]{0,253}"
// Written here, from constants only: no user's text ever becomes an expression.
const setForm = new RegExp(`^(${key})\\s+(in|notin)\\s*\\(([^()]*)\\)$`)
const equalForm = new RegExp(`^(${key})\\s*(=|==|!=|>|<)\\s*(${value})$`)
const presentForm = new RegExp(`^(!?)\\s*(${key})$`)

function compileRequirement(text: string): Requirement {
  const inSet = setForm.exec(text)
  if (inSet) {
    const [, name = "", operator, list = ""] = inSet
    const values = new Set(list.split(",").map((item) => item.trim()))
    return (labels) => values.has(valueOf(labels, name) ?? " ") === (operator === "in")
  }
  const equal = equalForm.exec(text)
  if (equal) {
    const [, name = "", operator, wanted = ""] = equal
    if (operator === ">" || operator === "<") return compareNumbers(name, operator, wanted)
    return (labels) => (valueOf(labels, name) === wanted) === (operator !== "!=")
  }
  const present = presentForm.exec(text)
  if (!present) throw new ReconcileError("InvalidPattern", `the selector '${text}' cannot be read`)
  const [, not, name = ""] = present
  return (labels) => (valueOf(labels, name) === undefined) === (not === "!")
}

function compareNumbers(name: string, operator: ">" | "<", wanted: string): Requirement {
  return (labels) => {
    const found = valueOf(labels, name)
    if (found === undefined || !/^-?\d+$/.test(found)) return false
    return operator === ">" ? Number(found) > Number(wanted) : Number(found) < Number(wanted)
  }
}

function valueOf(labels: StringMap, name: string): string | undefined {
  return Object.hasOwn(labels, name) ? labels[name] : undefined
}
