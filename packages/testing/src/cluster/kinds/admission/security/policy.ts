// What the labels of a Namespace say of the security of its Pods, and what a Pod breaks of it.
import type { Cause } from "../../../answer.ts"
import { mapOf, type Members, shown, textOf } from "../../../validation/walk.ts"
import { checks, type Finding, type PodLike } from "./checks.ts"

const levels = ["privileged", "baseline", "restricted"] as const

/** How much Pods may do. */
export type Level = (typeof levels)[number]

/** A level as a version of Kubernetes has it. */
export interface LevelVersion {
  readonly level: Level
  /** `latest`, or `v1.` and a number. */
  readonly version: string
}

/** What Pods must keep, and what it is warned of that they do not keep. */
export interface Policy {
  readonly enforce: LevelVersion
  readonly warn: LevelVersion
}

const privileged: LevelVersion = { level: "privileged", version: "latest" }
const prefix = "pod-security.kubernetes.io/"

/** Negative when `a` allows more than `b`. */
export const compareLevels = (a: Level, b: Level): number => levels.indexOf(a) - levels.indexOf(b)

/** `baseline:latest`. */
export const printLevel = ({ level, version }: LevelVersion): string => `${level}:${version}`

interface Read {
  readonly policy: Policy
  readonly causes: readonly Cause[]
}

const isLevel = (text: string): text is Level => (levels as readonly string[]).includes(text)

/** The policy of a Namespace's labels; causes for those that say nothing that is known. */
export function readPolicy(labels: Members): Read {
  const causes: Cause[] = []
  const wrong = (label: string, why: string): void => {
    const message = `Invalid value: ${shown(labels[label])}: ${why}`
    causes.push({ reason: "FieldValueInvalid", message, field: `metadata.labels[${label}]` })
  }
  const read = (mode: string, fallback: Level): LevelVersion => {
    const [level, version] = [labels[prefix + mode], labels[`${prefix}${mode}-version`]]
    const good = level === undefined ? "privileged" : isLevel(textOf(level)) ? (level as Level) : undefined
    const isKnown = version === undefined || /^(?:latest|v1\.(?:0|[1-9]\d{0,5}))$/.test(textOf(version))
    if (good === undefined) wrong(prefix + mode, `must be one of ${levels.join(", ")}`)
    if (!isKnown) wrong(`${prefix}${mode}-version`, 'must be "latest" or "v1.x"')
    return { level: good ?? fallback, version: isKnown ? textOf(version ?? "latest") : "latest" }
  }
  const enforce = read("enforce", "restricted")
  read("audit", "privileged")
  const own = read("warn", "privileged")
  // Who enforces is also warned, unless the labels say otherwise.
  const isSilent = labels[`${prefix}warn`] === undefined && isLevel(textOf(labels[`${prefix}enforce`]))
  const version = labels[`${prefix}warn-version`] === undefined ? enforce.version : own.version
  const warn = isSilent && enforce.level !== "privileged" ? { level: enforce.level, version } : own
  return { policy: { enforce, warn }, causes }
}

/** The policy of Namespaces without labels. */
export const openPolicy: Policy = { enforce: privileged, warn: privileged }

const newest = Math.max(...checks.flatMap(({ versions }) => versions.map(([since]) => since)))

/** What a Pod breaks of a level. */
export function findings(pod: PodLike, { level, version }: LevelVersion): Finding[] {
  if (level === "privileged") return []
  const minor = version === "latest" ? newest : Number(version.slice("v1.".length))
  const at = ({ versions }: (typeof checks)[number]): ((pod: PodLike) => Finding | undefined) | undefined =>
    versions.findLast(([since]) => since <= minor)?.[1]
  const known = checks.filter((check) => at(check) && (level === "restricted" || check.level === "baseline"))
  const replaced = new Set(known.map(({ instead }) => instead))
  return known.filter(({ id }) => !replaced.has(id)).flatMap((check) => at(check)!(pod) ?? [])
}

/** Findings in one sentence. */
export const printFindings = (found: readonly Finding[]): string =>
  found.map(({ reason, detail }) => `${reason} (${detail})`).join(", ")

/** The Pod that an object is, or has a template of, at a path. */
export function podAt(object: unknown, path: readonly string[]): PodLike {
  let owner = mapOf(object)
  for (const name of path) owner = mapOf(owner[name])
  return { annotations: mapOf(mapOf(owner["metadata"])["annotations"]), spec: mapOf(owner["spec"]) }
}
