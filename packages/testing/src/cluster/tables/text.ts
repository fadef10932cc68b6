import type { KubeObject } from "@gitops-toolkit/kube"
import { type LabelSelector, selectorText as printedSelector } from "../read/selector-text.ts"

/** A JSON map. */
export type Members = { readonly [name: string]: unknown }

/** The map at a path; empty when there is none. */
export function mapAt(value: unknown, ...path: readonly string[]): Members {
  const found = valueAt(value, ...path)
  return typeof found === "object" && found !== null && !Array.isArray(found) ? (found as Members) : {}
}

/** The list at a path; empty when there is none. */
export function listAt(value: unknown, ...path: readonly string[]): readonly Members[] {
  const found = valueAt(value, ...path)
  return Array.isArray(found) ? (found as Members[]) : []
}

/** The value at a path, or undefined. */
export function valueAt(value: unknown, ...path: readonly string[]): unknown {
  let found = value
  for (const name of path) {
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, name)) return undefined
    found = (found as Members)[name]
  }
  return found
}

/** The text at a path; `otherwise` when there is none. */
export function textAt(value: unknown, path: readonly string[], otherwise: string = ""): string {
  const found = valueAt(value, ...path)
  return found === undefined || found === null || found === "" ? otherwise : String(found)
}

/** The number at a path; 0 when there is none. */
export function countAt(value: unknown, ...path: readonly string[]): number {
  return Number(valueAt(value, ...path) ?? 0)
}

/** What stands where there is nothing. */
export const none: string = "<none>"

/** A span as people read it: `5s`, `3m12s`, `47h`, `3d4h`, `2y`. Source: apimachinery's HumanDuration. */
export function humanDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  if (seconds < -1) return "<invalid>"
  if (seconds < 0) return "0s"
  if (seconds < 120) return `${seconds}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 10) return seconds % 60 === 0 ? `${minutes}m` : `${minutes}m${seconds % 60}s`
  const hours = Math.floor(minutes / 60)
  if (minutes < 180) return `${minutes}m`
  if (hours < 8) return minutes % 60 === 0 ? `${hours}h` : `${hours}h${minutes % 60}m`
  if (hours < 48) return `${hours}h`
  const days = Math.floor(hours / 24)
  if (hours < 192) return hours % 24 === 0 ? `${days}d` : `${days}d${hours % 24}h`
  if (days < 730) return `${days}d`
  const years = Math.floor(days / 365)
  return years < 8 && days % 365 !== 0 ? `${years}y${days % 365}d` : `${years}y`
}

/** How long ago an RFC 3339 time was. */
export function ageOf(time: unknown, nowMs: number): string {
  const then = typeof time === "string" ? Date.parse(time) : Number.NaN
  return Number.isNaN(then) ? "<unknown>" : humanDuration(nowMs - then)
}

/** The age of an object. */
export function age({ metadata }: KubeObject, nowMs: number): string {
  return ageOf(metadata.creationTimestamp, nowMs)
}

/** A map of labels as text: `a=1,b=2`. */
export function labelsText(labels: Members): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${String(value)}`)
  return pairs.length === 0 ? none : pairs.toSorted().join(",")
}

/** A label selector as text. */
export function selectorText(selector: unknown): string {
  const text = printedSelector((selector ?? {}) as LabelSelector)
  return text === "" ? none : text
}

/** Names and images of the containers of a Pod template. */
export function containersOf(template: unknown): readonly [names: string, images: string] {
  const containers = listAt(template, "spec", "containers")
  return [
    containers.map((each) => textAt(each, ["name"])).join(","),
    containers.map((each) => textAt(each, ["image"])).join(","),
  ]
}
