// The objects of a namespace without what differs from server to server: names of chance, hashes, times, addresses.
import type { KubeObject } from "@gitops-toolkit/kube"

type Json = { readonly [name: string]: unknown }

const isMap = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value)

const texts: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "UID"],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)/g, "TIME"],
  [/\b(?:10\.(?:0|244)|192\.168)\.\d+\.\d+\b/g, "IP"],
  [/-2\d{7}\b/g, "-MINUTE"],
  [/back-off \w+ restarting/g, "back-off restarting"],
  // Names that the server refused.
  [/(HASH\d+)-[a-z0-9]{5}\b/g, "$1-SFX"],
  // How many steps a roll-out takes, and how much is told at once, is a race on the real server.
  [/from \d+ to \d+$/g, "from N to M"],
  [/^\(combined from similar events\): /g, ""],
  [/: \(combined from similar events\): /g, ": "],
]
/** What is compared in no object. */
const dropped = new Set([
  "managedFields",
  "uid",
  "resourceVersion",
  "selfLink",
  "nodePort",
  "healthCheckNodePort",
  "ca.crt",
  "containerID",
  "restartCount",
  // Kept or not when a Pod goes: a race on the real server.
  "endpoints.kubernetes.io/last-change-trigger-time",
])
/** Lists that have no order; the real server sorts ports by the hash of Go's memory. */
const unordered = new Set(["endpoints", "addresses", "notReadyAddresses", "active", "ports"])

type Rename = (text: string) => string

/** Puts stand-ins in place of whole names. */
function renaming(names: readonly (readonly [string, string])[]): Rename {
  const patterns = names.map(([from, to]) => {
    const quoted = from.replaceAll(/[.-]/g, "\\$&")
    return [from, new RegExp(`(?<![a-z0-9])${quoted}(?![a-z0-9])`, "g"), to] as const
  })
  return (text) =>
    patterns.reduce((part, [from, found, to]) => (part.includes(from) ? part.replaceAll(found, to) : part), text)
}

function clean(value: unknown, rename: Rename, isPlaced: boolean): unknown {
  const walk = (part: unknown, member: string): unknown => {
    if (Array.isArray(part)) {
      const items = part.map((item) => walk(item, ""))
      return unordered.has(member) ? items.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : items
    }
    if (typeof part === "string") {
      if (member === "nodeName" && !isPlaced) return "NODE"
      const named = rename(part)
      return texts.reduce((text, [from, to]) => text.replaceAll(from, to), named)
    }
    if (!isMap(part)) return part
    const entries = Object.entries(part).filter(
      ([name, each]) => !dropped.has(name) && !(isMap(each) && Object.keys(each).every((inner) => dropped.has(inner))),
    )
    return Object.fromEntries(entries.map(([name, each]) => [rename(name), walk(each, name)]))
  }
  return walk(value, "")
}

/** Stand-ins for the hashes of templates, counted by revision, and for the five letters of generated names. */
function namesOf(objects: readonly KubeObject[]): (readonly [string, string])[] {
  const hashes: { readonly hash: string; readonly revision: number; readonly owner: string }[] = []
  for (const object of objects) {
    const { labels = {}, annotations = {}, ownerReferences = [], name = "" } = object.metadata
    const owner = ownerReferences[0]?.name ?? name
    if (object.kind === "ReplicaSet" && labels["pod-template-hash"] !== undefined) {
      const revision = Number(annotations["deployment.kubernetes.io/revision"])
      hashes.push({ hash: labels["pod-template-hash"], revision, owner })
    }
    if (object.kind === "ControllerRevision") {
      hashes.push({ hash: name.slice(owner.length + 1), revision: Number(object["revision"]), owner })
    }
  }
  const sorted = hashes.toSorted((a, b) => a.revision - b.revision)
  const renamed = sorted.map(({ hash, owner }) => {
    const turn = sorted.filter((each) => each.owner === owner).findIndex((each) => each.hash === hash)
    return [hash, `HASH${turn + 1}`] as const
  })
  const generated = objects.flatMap(({ metadata: { generateName, name = "" } }) =>
    generateName === undefined ? [] : [[name, `${generateName}SFX`] as const],
  )
  const longest = (a: readonly [string, string], b: readonly [string, string]): number => b[0].length - a[0].length
  return [...generated.toSorted(longest), ...renamed]
}

function eventOf(event: KubeObject): string {
  const { involvedObject, regarding, message, note, reason, type, source, reportingComponent } = event as KubeObject & {
    readonly involvedObject?: { readonly kind: string; readonly name: string; readonly fieldPath?: string }
    readonly regarding?: { readonly kind: string; readonly name: string }
    readonly source?: { readonly component?: string }
    readonly [name: string]: unknown
  }
  const about = involvedObject ?? regarding
  const by = source?.component || reportingComponent
  return `${about?.kind}/${about?.name} ${type} ${reason} ${by}: ${message ?? note}`
}

/** Without what counts the steps on the way. */
function withoutSteps(object: KubeObject): KubeObject {
  if (object.kind !== "ReplicaSet" && object.kind !== "EndpointSlice") return object
  const { generation: _, ...metadata } = object.metadata
  if (object.kind === "EndpointSlice") return { ...object, metadata }
  const { observedGeneration: __, ...status } = (object.status ?? {}) as { readonly observedGeneration?: number }
  return { ...object, metadata, status } as KubeObject
}

/** Comparable rows: each object under a title, events as lines. `ever` is all that was there at any time. */
export function normalise(
  objects: readonly KubeObject[],
  ever: readonly KubeObject[],
): ReadonlyMap<string, readonly unknown[]> {
  const names = renaming(namesOf(ever))
  const rows = new Map<string, unknown[]>()
  const add = (title: string, row: unknown): void => {
    rows.set(title, [...(rows.get(title) ?? []), row])
  }
  for (const object of objects) {
    if (object.kind === "Event") {
      // What Pods go through is played by the same steps on both.
      if ((object as { readonly involvedObject?: { readonly kind: string } }).involvedObject?.kind === "Pod") continue
      const line = clean(eventOf(object), names, true) as string
      if (!rows.get("Event")?.includes(line)) add("Event", line)
      continue
    }
    const isPlaced = object.metadata.ownerReferences?.[0]?.kind === "DaemonSet"
    const row = clean(withoutSteps(object), names, isPlaced) as KubeObject
    add(`${row.kind}/${row.metadata.name}`, row)
  }
  const text = (row: unknown): string => JSON.stringify(row)
  return new Map([...rows].map(([title, all]) => [title, all.toSorted((a, b) => (text(a) < text(b) ? -1 : 1))]))
}

/** Each difference on a line: `path: real | embedded`. */
export function differences(path: string, real: unknown, ours: unknown): string[] {
  if (isMap(real) && isMap(ours)) {
    const members = new Set([...Object.keys(real), ...Object.keys(ours)])
    return [...members].toSorted().flatMap((name) => differences(`${path}.${name}`, real[name], ours[name]))
  }
  if (Array.isArray(real) && Array.isArray(ours)) {
    if ([...real, ...ours].every((each) => typeof each === "string")) {
      const only = (a: readonly unknown[], b: readonly unknown[]): unknown[] => a.filter((each) => !b.includes(each))
      return [
        ...only(real, ours).map((each) => `${path}: - ${String(each)}`),
        ...only(ours, real).map((each) => `${path}: + ${String(each)}`),
      ]
    }
    const length = Math.max(real.length, ours.length)
    return Array.from({ length }, (_, i) => i).flatMap((i) => differences(`${path}[${i}]`, real[i], ours[i]))
  }
  if (JSON.stringify(real) === JSON.stringify(ours)) return []
  return [`${path}: ${JSON.stringify(real) ?? "absent"} | ${JSON.stringify(ours) ?? "absent"}`]
}
