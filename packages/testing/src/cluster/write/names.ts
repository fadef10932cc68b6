/** What is wrong with a name, in the server's words; empty when nothing is. */
export type NameRule = (name: string, prefix: boolean) => readonly string[]

const subdomainFormat = String.raw`a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`
const labelFormat =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
const label1035Format =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"

const subdomain = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/
const label = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/
const label1035 = /^[a-z](?:[-a-z0-9]*[a-z0-9])?$/

/** A prefix may end with a dash, since something follows it. */
const unmasked = (name: string, prefix: boolean): string =>
  prefix && name.length > 1 && name.endsWith("-") ? `${name.slice(0, -1)}a` : name

function rule(pattern: RegExp, format: string, limit: number): NameRule {
  return (name, prefix) => {
    const faults: string[] = []
    if (name.length > limit) faults.push(`must be no more than ${limit} characters`)
    if (!pattern.test(unmasked(name, prefix).slice(0, 1024))) faults.push(format)
    return faults
  }
}

const noDots =
  (inner: NameRule): NameRule =>
  (name, prefix) =>
    name.includes(".") ? ["must not contain dots"] : inner(name, prefix)

/** The rules for `metadata.name`. */
export const nameRules: { readonly [rule in "subdomain" | "label" | "label1035" | "service" | "path"]: NameRule } = {
  subdomain: rule(subdomain, subdomainFormat, 253),
  label: noDots(rule(label, labelFormat, 63)),
  label1035: rule(label1035, label1035Format, 63),
  // Relaxed since 1.34: a Service may be named like a label.
  service: noDots(rule(label, labelFormat, 63)),
  path: (name, prefix) => {
    if (!prefix && (name === "." || name === "..")) return [`may not be '${name}'`]
    return ["/", "%"].filter((part) => name.includes(part)).map((part) => `may not contain '${part}'`)
  },
}

const qualifiedFormat =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
const qualifiedPattern = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/

const none: readonly string[] = []

/** What is wrong with a qualified name (a label's key): `prefix/name` or `name`. */
export function qualifiedNameFaults(key: string): readonly string[] {
  if (key.length < 64 && qualifiedPattern.test(key)) return none
  const parts = key.split("/")
  if (parts.length > 2) {
    const format = `a valid label key ${qualifiedFormat.slice("name part ".length)}`
    return [`${format} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`]
  }
  const faults: string[] = []
  const [first, second] = parts as [string, string?]
  const name = second ?? first
  if (second !== undefined) {
    if (first === "") faults.push("prefix part must be non-empty")
    else
      for (const fault of nameRules.subdomain(first, false))
        faults.push(`prefix part ${fault.replace(/characters$/, "bytes")}`)
  }
  if (name === "") faults.push("name part must be non-empty")
  else if (name.length > 63) faults.push("name part must be no more than 63 bytes")
  if (!qualifiedPattern.test(name.slice(0, 1024))) faults.push(qualifiedFormat)
  return faults
}

const labelValueFormat =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"

/** What is wrong with a label's value. */
export function labelValueFaults(value: string): readonly string[] {
  if (value.length < 64 && (value === "" || qualifiedPattern.test(value))) return none
  const faults: string[] = []
  if (value.length > 63) faults.push("must be no more than 63 bytes")
  if (value !== "" && !qualifiedPattern.test(value.slice(0, 1024))) faults.push(labelValueFormat)
  return faults
}
