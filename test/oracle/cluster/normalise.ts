// What differs from server to server and says nothing: versions, identities, times, addresses.

type Json = { readonly [name: string]: unknown }

const isMap = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value)

const volatile: { readonly [member: string]: string } = {
  uid: "UID",
  resourceVersion: "RV",
  creationTimestamp: "TIME",
  time: "TIME",
  clusterIP: "IP",
  nodePort: "PORT",
  healthCheckNodePort: "PORT",
  continue: "CONTINUE",
}
const identifiers: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "UID"],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, "TIME"],
  [/\b10\.0\.\d+\.\d+\b/g, "IP"],
  [
    /actual resourceVersion: \d+|current: \d+|ResourceVersion in object meta: \d+|the ResourceVersion in (?:record|the precondition) \(\d+\)|too old resource version: \d+ \(\d+\)/g,
    "RV",
  ],
  [/:3[0-2]\d{3}\b/g, ":PORT"],
  // An object in Go's own words.
  [/Invalid value: "[{[](?:[^"\\]|\\.)*"/g, "Invalid value: OBJECT"],
  [/^\d+[smhd](?:\d+[smh])?$/g, "AGE"],
]

/** Faults of a typed object come in the order of a map in Go. */
function withSortedErrors(text: string): string {
  const [head, list] = text.split(": errors:\n")
  return list === undefined ? text : `${head}: errors:\n${list.split("\n").toSorted().join("\n")}`
}

/** A copy without what differs from server to server. */
export function normalise(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => normalise(item))
  if (typeof value === "string")
    return withSortedErrors(identifiers.reduce((text, [found, word]) => text.replaceAll(found, word), value))
  if (!isMap(value)) return value
  const pairs = Object.entries(value).map(([name, member]): [string, unknown] => [
    name.includes('"uid"') ? String(normalise(name)) : name,
    Object.hasOwn(volatile, name) && (typeof member === "string" || typeof member === "number") && member !== "None"
      ? volatile[name]
      : normalise(member),
  ])
  return Object.fromEntries(pairs)
}
