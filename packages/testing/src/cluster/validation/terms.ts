// The kinds of text, number and amount that fields of many kinds have.
import { compareQuantities, parseQuantity, type Quantity } from "@gitops-toolkit/kube"
import { labelValueFaults, nameRules, qualifiedNameFaults } from "../write/names.ts"
import { between, check, without } from "./rule.ts"
import { mapOf, type Rule, textOf } from "./walk.ts"

const plainKey = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/

/** A name with an optional prefix, as labels have. */
export const qualifiedName: Rule = (value, walk) => {
  const text = textOf(value)
  if (plainKey.test(text)) return
  for (const fault of qualifiedNameFaults(text)) walk.invalid("", text, fault)
}

const labelValue: Rule = (value, walk) => {
  const text = textOf(value)
  if (text === "" || plainKey.test(text)) return
  for (const fault of labelValueFaults(text)) walk.invalid("", text, fault)
}

/** A map of labels; faults are told at the map. */
export const labels: Rule = (value, walk) => {
  const map = mapOf(value)
  for (const key of Object.keys(map)) {
    qualifiedName(key, walk)
    labelValue(map[key], walk)
  }
}

/** The value of a label. */
export { labelValue }

const annotationBytes = 256 * 1024

/** A map of annotations: their keys, and their size in all. */
export const annotations: Rule = (value, walk) => {
  const map = mapOf(value)
  let size = 0
  for (const key of Object.keys(map)) {
    for (const fault of plainKey.test(key) ? [] : qualifiedNameFaults(key.toLowerCase())) walk.invalid("", key, fault)
    size += Buffer.byteLength(key) + Buffer.byteLength(textOf(map[key]))
  }
  if (size > annotationBytes) walk.tooLong("", annotationBytes)
}

/** The number of a port. */
export const portNumber: Rule = between(1, 65_535)

function portNameFaults(name: string): readonly string[] {
  const faults: string[] = []
  if (name.length > 15) faults.push("must be no more than 15 characters")
  if (!/^[-a-z0-9]+$/.test(name)) faults.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
  if (!/[a-z]/.test(name)) faults.push("must contain at least one letter (a-z)")
  if (name.includes("--")) faults.push("must not contain consecutive hyphens")
  if (name.startsWith("-") || name.endsWith("-")) faults.push("must not begin or end with a hyphen")
  return faults
}

/** The name of a port. */
export const portName: Rule = without(portNameFaults)

/** A port by its number or its name. */
export const port: Rule = (value, walk) => (typeof value === "string" ? portName : portNumber)(value, walk)

/** The protocols of ports, as messages list them. */
export const protocols = ["SCTP", "TCP", "UDP"] as const

const percentFormat =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"
const percent = /^[0-9]+%$/

/** A count or a percentage. */
export const countOrPercent: Rule = (value, walk) => {
  if (typeof value === "string") {
    if (!percent.test(value)) walk.invalid("", value, percentFormat)
  } else if (Number(value ?? 0) < 0) walk.invalid("", value, "must be greater than or equal to 0")
}

/** A percentage, if it is one, of at most 100. */
export const atMostAll: Rule = (value, walk) => {
  if (typeof value === "string" && percent.test(value) && Number(value.slice(0, -1)) > 100)
    walk.invalid("", value, "must not be greater than 100%")
}

/** The number of a count or a percentage; 0 for what is neither. */
export function amountOf(value: unknown): number {
  if (typeof value === "number") return value
  if (typeof value !== "string") return 0
  if (percent.test(value)) return Number(value.slice(0, -1))
  return /^[-+]?\d+$/.test(value) ? Number(value) : 0
}

/** A relative path that stays below where it starts. */
export const descending: Rule = (value, walk) => {
  if (textOf(value).startsWith("/")) walk.invalid("", value, "must be a relative path")
  noBacksteps(value, walk)
}

/** A path without `..`. */
export const noBacksteps: Rule = check((path) => !path.split("/").includes(".."), "must not contain '..'")

/** A descending path whose first name does not start with two dots. */
export const unreserved: Rule = (value, walk) => {
  descending(value, walk)
  const path = textOf(value)
  if (path.startsWith("..") && !path.startsWith("../")) walk.invalid("", path, "must not start with '..'")
}

const configKeyFormat =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"

/** A key of a ConfigMap or Secret. */
export const configKey: Rule = without((key) => {
  const faults: string[] = []
  if (key.length > 253) faults.push("must be no more than 253 characters")
  if (!/^[-._a-zA-Z0-9]+$/.test(key)) faults.push(configKeyFormat)
  if (key === "." || key === "..") faults.push(`must not be '${key}'`)
  else if (key.startsWith("..")) faults.push("must not start with '..'")
  return faults
})

/** The name of an environment variable. */
export const variableName: Rule = check(
  (name) => /^[ -<>-~]+$/.test(name),
  "a valid environment variable name must consist only of printable ASCII characters other than '='",
)

/** A domain, a slash and a path: `acme.io/foo`. */
export const domainPath: Rule = (value, walk) => {
  const text = textOf(value)
  const slash = text.indexOf("/")
  const [host, path] = [text.slice(0, Math.max(slash, 0)), text.slice(slash + 1)]
  if (text === "") return walk.required("")
  if (host === "" || path === "")
    return walk.invalid("", text, 'must be a domain-prefixed path (such as "acme.io/foo")')
  for (const fault of nameRules.subdomain(host, false)) walk.invalid("", host, fault)
  const format = String.raw`[A-Za-z0-9/\-._~%!$&'()*+,;=:]+`
  if (!/^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/.test(path))
    walk.invalid("", path, `Invalid path (regex used for validation is '${format}')`)
}

/** An amount that was read already: those of an object always can be. */
export const quantity = (value: unknown): Quantity => parseQuantity(typeof value === "string" ? value : "0")

/** The order of two amounts: negative, zero or positive. */
export const compareAmounts = (a: unknown, b: unknown): number => compareQuantities(quantity(a), quantity(b))

/** An amount that is more than zero. */
export const positiveAmount: Rule = (value, walk) => {
  if (quantity(value).nanos <= 0n) walk.invalid("", value, "must be greater than zero")
}
