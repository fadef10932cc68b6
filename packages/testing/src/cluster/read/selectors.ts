import type { KubeObject } from "@gitops-toolkit/kube"
import { badRequest } from "../answer.ts"
import type { Resource } from "../resource.ts"

/** True for objects that a list or watch is about. */
export type Selector = (object: KubeObject) => boolean

interface Requirement {
  readonly key: string
  readonly operator: "=" | "!=" | "in" | "notin" | "exists" | "!" | ">" | "<"
  readonly values: readonly string[]
}

/** The selector of a `labelSelector` text; undefined selects everything. 400 for a text that is none. */
export function labelSelectorOf(text: string | undefined): Selector | undefined {
  if (text === undefined || text.trim() === "") return undefined
  const requirements = parseLabelSelector(text)
  return (object) => {
    const labels = object.metadata.labels ?? {}
    return requirements.every((requirement) => matches(requirement, labels))
  }
}

function matches({ key, operator, values }: Requirement, labels: { readonly [name: string]: string }): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined
  switch (operator) {
    case "=":
    case "in":
      return value !== undefined && values.includes(value)
    case "!=":
    case "notin":
      return value === undefined || !values.includes(value)
    case "exists":
      return value !== undefined
    case "!":
      return value === undefined
    case ">":
      return value !== undefined && Number.parseInt(value, 10) > Number(values[0])
    case "<":
      return value !== undefined && Number.parseInt(value, 10) < Number(values[0])
  }
}

const tokens = /\s*(!=|==|=|!|>|<|\(|\)|,|[^\s=!<>(),]+)/y

function tokenize(text: string): string[] {
  const list: string[] = []
  tokens.lastIndex = 0
  for (let match = tokens.exec(text); match; match = tokens.exec(text)) list.push(match[1]!)
  return list
}

/** Reads a label selector as apimachinery's parser does. */
export function parseLabelSelector(text: string): Requirement[] {
  const list = tokenize(text)
  if (list.length > 0 && list[0] !== "!" && symbols.has(list[0]!)) {
    throw badRequest(`found '${list[0]}', expected: !, identifier, or 'end of string'`)
  }
  const requirements: Requirement[] = []
  let at = 0
  const fault = (found: string, expected: string): Error => badRequest(`found '${found}', expected: ${expected}`)
  const inside = (found: string, expected: string): Error =>
    badRequest(`unable to parse requirement: found '${found}', expected: ${expected}`)
  for (;;) {
    const [requirement, next] = readRequirement(list, at, inside)
    requirements.push(requirement)
    at = next
    if (at >= list.length) return requirements
    if (list[at] !== ",") throw fault(list[at]!, "',' or 'end of string'")
    at++
    if (list[at] === undefined || (symbols.has(list[at]!) && list[at] !== "!")) {
      throw fault(list[at] ?? "", "identifier after ','")
    }
  }
}

function readRequirement(
  list: readonly string[],
  start: number,
  fault: (found: string, expected: string) => Error,
): [Requirement, number] {
  let at = start
  const negated = list[at] === "!"
  if (negated) at++
  const key = list[at]
  if (key === undefined || symbols.has(key)) throw fault(key ?? "", "!, identifier, or 'end of string'")
  checkKey(key)
  at++
  if (negated) return [{ key, operator: "!", values: [] }, at]
  const operator = list[at]
  if (operator === undefined || operator === ",") return [{ key, operator: "exists", values: [] }, at]
  if (operator === "in" || operator === "notin") return readSet(list, { key, operator, at: at + 1 }, fault)
  if (!binary.has(operator)) throw fault(operator, "in, notin, =, ==, !=, gt, lt")
  const value = list[at + 1]
  const empty = value === undefined || value === ","
  if (!empty && symbols.has(value)) throw fault(value, "identifier")
  const text = empty ? "" : value
  checkValue(key, text)
  const kind = operator === "==" ? "=" : (operator as Requirement["operator"])
  return [{ key, operator: kind, values: [text] }, empty ? at + 1 : at + 2]
}

function readSet(
  list: readonly string[],
  { key, operator, at }: { readonly key: string; readonly operator: "in" | "notin"; readonly at: number },
  fault: (found: string, expected: string) => Error,
): [Requirement, number] {
  if (list[at] !== "(") throw badRequest(`unable to parse requirement: found '${list[at] ?? ""}' expected: '('`)
  const values: string[] = []
  let next = at + 1
  for (; list[next] !== ")"; next++) {
    if (list[next] === undefined) throw fault("", "',', or ')'")
    if (list[next] !== ",") values.push(list[next]!)
  }
  for (const value of values) checkValue(key, value)
  return [{ key, operator, values }, next + 1]
}

const symbols: ReadonlySet<string> = new Set(["=", "==", "!=", "!", ">", "<", "(", ")", ","])
const binary: ReadonlySet<string> = new Set(["=", "==", "!=", ">", "<"])

const namePart = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/
const keyRule =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
const valueRule =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"

function checkKey(key: string): void {
  const name = key.slice(key.lastIndexOf("/") + 1)
  if (namePart.test(name) && name.length <= 63) return
  throw badRequest(`unable to parse requirement: <nil>: Invalid value: ${JSON.stringify(key)}: ${keyRule}`)
}

function checkValue(key: string, value: string): void {
  if (value === "" || (namePart.test(value) && value.length <= 63)) return
  throw badRequest(
    `unable to parse requirement: values[0][${key}]: Invalid value: ${JSON.stringify(value)}: ${valueRule}`,
  )
}

/** One term of a field selector. */
export interface FieldTerm {
  readonly field: string
  readonly equal: boolean
  readonly value: string
}

/** Reads a field selector: `metadata.name=web,status.phase!=Running`. 400 for a text that is none. */
export function parseFieldSelector(text: string): FieldTerm[] {
  const terms: FieldTerm[] = []
  for (const part of splitTerms(text)) {
    if (part === "") continue
    const match = /^([^=!]*)(!=|==|=)([^]*)$/.exec(part)
    if (!match) throw badRequest(`invalid selector: '${text}'; can't understand '${part}'`)
    const value = match[3]!.replaceAll(/\\([\\,=])/g, "$1")
    terms.push({ field: match[1]!, equal: match[2] !== "!=", value })
  }
  return terms
}

function splitTerms(text: string): string[] {
  const parts: string[] = [""]
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "\\" && at + 1 < text.length) parts[parts.length - 1] += text[at]! + text[++at]!
    else if (text[at] === ",") parts.push("")
    else parts[parts.length - 1] += text[at]!
  }
  return parts
}

/** Fields besides name and namespace that a kind can be selected by, and how they read when absent. */
const selectable: { readonly [table: string]: readonly string[] } = {
  pods: [
    "spec.nodeName",
    "spec.restartPolicy",
    "spec.schedulerName",
    "spec.serviceAccountName",
    "spec.hostNetwork",
    "status.phase",
    "status.podIP",
    "status.podIPs",
    "status.nominatedNodeName",
  ],
  events: [
    "involvedObject.kind",
    "involvedObject.namespace",
    "involvedObject.name",
    "involvedObject.uid",
    "involvedObject.apiVersion",
    "involvedObject.resourceVersion",
    "involvedObject.fieldPath",
    "reason",
    "reportingComponent",
    "source",
    "type",
  ],
  secrets: ["type"],
  namespaces: ["status.phase"],
  nodes: ["spec.unschedulable"],
  services: ["spec.clusterIP", "spec.type"],
  replicationcontrollers: ["status.replicas"],
  "jobs.batch": ["status.successful"],
  "certificatesigningrequests.certificates.k8s.io": ["spec.signerName"],
  "volumeattachments.storage.k8s.io": ["spec.attacher", "spec.nodeName"],
}

/** The selector of the terms of a `fieldSelector`; undefined selects everything. 400 for a field that is no selector. */
export function fieldSelectorOf(terms: readonly FieldTerm[], resource: Resource): Selector | undefined {
  if (terms.length === 0) return undefined
  const known = selectableOf(resource)
  for (const { field } of terms) {
    if (field === "metadata.name" || known.includes(field)) continue
    if (field === "metadata.namespace" && !isPlaceless(resource)) continue
    throw badRequest(unsupported(field, resource))
  }
  return (object) => terms.every(({ field, equal, value }) => (fieldOf(object, field, resource) === value) === equal)
}

/** Kinds that know no namespaces; others that have none are selected by the empty one. */
function isPlaceless({ custom, table, namespaced }: Resource): boolean {
  return custom ? !namespaced : table !== "services" && !namespaced && Object.hasOwn(selectable, table)
}

function selectableOf({ custom, table, group }: Resource): readonly string[] {
  if (custom) return custom.selectableFields
  const fields = selectable[table] ?? []
  if (table !== "events" || group === "") return fields
  const named = fields.map((field) => field.replace(/^involvedObject/, "regarding"))
  return [...named, "reportingController"]
}

function unsupported(field: string, { table, custom }: Resource): string {
  if (table === "jobs.batch") return `field label ${JSON.stringify(field)} not supported for Job`
  if (custom || Object.hasOwn(selectable, table)) return `field label not supported: ${field}`
  return `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`
}

function fieldOf(object: KubeObject, field: string, resource: Resource): string {
  if (resource.table === "events" && field === "source") {
    const source = object["source"] as { readonly component?: string } | undefined
    return source?.component || String(object["reportingComponent"] ?? "")
  }
  let value: unknown = object
  for (const name of field.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return missing(field)
    value = (value as Record<string, unknown>)[name]
  }
  return typeof value === "object" ? "" : String(value)
}

function missing(field: string): string {
  if (field === "spec.unschedulable" || field === "spec.hostNetwork") return "false"
  return field === "status.replicas" || field === "status.successful" ? "0" : ""
}

/** Both selectors as one; undefined selects everything. */
export function bothOf(a: Selector | undefined, b: Selector | undefined): Selector | undefined {
  if (!a || !b) return a ?? b
  return (object) => a(object) && b(object)
}
