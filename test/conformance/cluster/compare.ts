// The corpus' rules of comparison: placeholders, partial expectations, what has no order.
import { type Bindings, placeholders } from "./bindings.ts"
import type { Step, StepResult } from "./session.ts"

type Members = { readonly [name: string]: unknown }
const isMap = (value: unknown): value is Members => typeof value === "object" && value !== null && !Array.isArray(value)
const token = new RegExp(`\\$(${Object.keys(placeholders).join("|")})(\\d*)(?![A-Za-z0-9])`, "g")
const show = (value: unknown): string => (value === undefined ? "(absent)" : JSON.stringify(value)).slice(0, 600)
const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`)

function textDifference(want: string, got: string, bindings: Bindings): string | undefined {
  const tokens = [...want.matchAll(token)]
  if (tokens.length === 0) return want === got ? undefined : partingOf(want, got)
  const differs = `want ${show(want)} got ${show(got)}`
  let source = ""
  let at = 0
  for (const match of tokens) {
    source += `${escaped(want.slice(at, match.index))}(${placeholders[match[1]!]})`
    at = match.index + match[0].length
  }
  const found = new RegExp(`^${source}${escaped(want.slice(at))}$`).exec(got)
  if (!found) return differs
  const misfit = tokens.find((match, index) => !bindings.bind(match[1]!, match[2]!, found[index + 1]!))
  return misfit && `${differs}: ${misfit[0]} does not fit with ${JSON.stringify([...bindings.values])}`
}

/** Two texts from a little before where they part. */
function partingOf(want: string, got: string): string {
  let at = 0
  while (at < want.length && want[at] === got[at]) at++
  const from = at > 300 ? at - 100 : 0
  return `want ${from > 0 ? "…" : ""}${show(want.slice(from))} got ${from > 0 ? "…" : ""}${show(got.slice(from))}`
}

const sorted = (list: readonly unknown[], key: (item: Members) => string): unknown[] =>
  list.toSorted((a, b) => (key(a as Members) < key(b as Members) ? -1 : 1))
const managerKey = (entry: Members): string =>
  [entry?.["operation"], entry?.["manager"], entry?.["subresource"] ?? "", entry?.["apiVersion"]].join("\n")
const causeKey = (cause: Members): string => `${String(cause?.["field"])}\n${String(cause?.["message"])}`

/** `X is invalid: [a, b]` with its parts sorted: the server finds some of them while it walks over a map. */
function withSortedMessage(status: Members): Members {
  const causes = ((status["details"] as Members | undefined)?.["causes"] ?? []) as readonly Members[]
  const parts = causes.map((cause) => `${String(cause["field"])}: ${String(cause["message"])}`).toSorted()
  const [, start, list] = /^(.* is invalid: \[)([^]*)\]$/.exec(String(status["message"] ?? "")) ?? []
  const whole =
    parts.length > 1 && list?.length === parts.join(", ").length && parts.every((part) => list.includes(part))
  return whole ? { ...status, message: `${start}${parts.join(", ")}]` } : status
}

interface Comparing {
  readonly bindings: Bindings
  readonly partial?: boolean
}

/** The first difference of two JSON values, as a path and what differs there. */
export function difference(
  want: unknown,
  got: unknown,
  { bindings, partial = false }: Comparing,
  at: string = "",
): string | undefined {
  const here = (text: string): string => `${at === "" ? "." : at}: ${text}`
  const differs = (): string => here(`want ${show(want)} got ${show(got)}`)
  if (want === "$any" && got !== undefined) return undefined
  if (want === "$absent") return got === undefined ? undefined : here(`want absent got ${show(got)}`)
  if (typeof want === "string") {
    const scalar = typeof got === "number" && /^\$port\d*$/.test(want) ? String(got) : got
    const text = typeof scalar === "string" ? textDifference(want, scalar, bindings) : differs()
    return text === undefined || typeof scalar !== "string" ? text : here(text)
  }
  if (Array.isArray(want)) {
    if (!Array.isArray(got)) return here(`want a list, got ${show(got)}`)
    if (partial) return includedDifference(want, got, bindings, at)
    return listDifference(ordered(want, at), ordered(got, at), { bindings }, at)
  }
  if (isMap(want))
    return isMap(got) ? mapDifference(want, got, { bindings, partial }, at) : here(`want an object, got ${show(got)}`)
  return Object.is(want, got) ? undefined : differs()
}

function ordered(list: readonly unknown[], at: string): readonly unknown[] {
  if (at.endsWith(".managedFields")) return sorted(list, managerKey)
  return at.endsWith(".details.causes") ? sorted(list, causeKey) : list
}

function listDifference(
  want: readonly unknown[],
  got: readonly unknown[],
  comparing: Comparing,
  at: string,
): string | undefined {
  for (let i = 0; i < Math.min(want.length, got.length); i++) {
    const inner = difference(want[i], got[i], comparing, `${at}[${i}]`)
    if (inner !== undefined) return inner
  }
  return want.length === got.length ? undefined : `${at}: want ${want.length} items, got ${got.length}: ${show(got)}`
}

function mapDifference(given: Members, found: Members, comparing: Comparing, at: string): string | undefined {
  const isInvalid = given["kind"] === "Status" && given["reason"] === "Invalid"
  const want = isInvalid ? withSortedMessage(given) : given
  const got = isInvalid ? withSortedMessage(found) : found
  const seen = new Set<string>()
  for (const [name, wanted] of Object.entries(want)) {
    const own = memberLike(name, got, comparing.bindings)
    seen.add(own)
    const below = /^[\w-]+$/.test(own) ? `${at}.${own}` : `${at}[${JSON.stringify(own)}]`
    const inner = difference(wanted, Object.hasOwn(got, own) ? got[own] : undefined, comparing, below)
    if (inner !== undefined) return inner
  }
  const extra = comparing.partial ? undefined : Object.keys(got).find((name) => !seen.has(name))
  return extra === undefined ? undefined : `${at || "."}: member ${show(extra)} not wanted, got ${show(got[extra])}`
}

/** The member that a name with placeholders stands for: `k:{"uid":"$uid1"}`. */
function memberLike(name: string, got: Members, bindings: Bindings): string {
  if (Object.hasOwn(got, name) || !name.includes("$")) return name
  return Object.keys(got).find((each) => textDifference(name, each, bindings) === undefined) ?? name
}

/** Every wanted item fits an item of its own, in any order; `$exactly` in front: and there are no others. */
function includedDifference(
  wanted: readonly unknown[],
  got: readonly unknown[],
  bindings: Bindings,
  at: string,
): string | undefined {
  const exactly = wanted[0] === "$exactly"
  const want = exactly ? wanted.slice(1) : wanted
  if (exactly && want.length !== got.length) return `${at}: want ${want.length} items, got ${got.length}`
  const free = new Set(got.keys())
  for (const [index, item] of want.entries()) {
    let hit: number | undefined
    let why: string | undefined
    for (const candidate of free) {
      const trial = bindings.fork()
      const inner = difference(item, got[candidate], { bindings: trial, partial: true }, `${at}[~${index}]`)
      if (inner === undefined) {
        hit = candidate
        bindings.adopt(trial)
        break
      }
      why ??= inner
    }
    if (hit === undefined)
      return got.length === 1 && why ? why : `${at}[~${index}]: no item like ${show(item)} in ${show(got)}`
    free.delete(hit)
  }
  return undefined
}

/** A copy without the members that dotted paths name (`*`: every one); items of lists become null. */
function without(value: unknown, paths: readonly string[] = []): unknown {
  if (paths.length === 0 || value === undefined) return value
  const copy = structuredClone(value)
  for (const path of paths)
    drop(
      copy,
      [...path.matchAll(/"([^"]*)"|([^."]+)/g)].map(([, quoted, plain]) => quoted ?? plain!),
    )
  return copy
}

function drop(node: unknown, [head, ...rest]: readonly string[]): void {
  if (typeof node !== "object" || node === null || head === undefined) return
  const map = node as Record<string, unknown>
  for (const key of head === "*" ? Object.keys(map) : [head]) {
    if (rest.length > 0) drop(map[key], rest)
    else if (Array.isArray(node)) map[key] = null
    else delete map[key]
  }
}

const eventKey = (event: Members): string => {
  const { kind, metadata } = (event?.["object"] ?? {}) as { readonly kind?: string; readonly metadata?: Members }
  return [event?.["type"] === "BOOKMARK" ? 1 : 0, kind, metadata?.["namespace"], metadata?.["name"]].join("/")
}

/** The first difference between what a step expects and what it got; bindings are kept only when there is none. */
export function stepDifference(step: Step, result: StepResult, bindings: Bindings): string | undefined {
  const trial = bindings.fork()
  const why = headDifference(step, result, trial) ?? bodyDifference(step, result, trial)
  if (why === undefined) bindings.adopt(trial)
  return why
}

function headDifference(
  { expect, eventsOf }: Step,
  { status, headers, text, warnings }: StepResult,
  bindings: Bindings,
): string | undefined {
  if (status !== expect.status) return `status: want ${expect.status} got ${status} ${show(text)}`
  for (const [name, want] of Object.entries(expect.headers ?? {})) {
    if (name === "warning") continue
    const got = headers[name]?.join(", ")
    if (
      want === null ? got !== undefined : got === undefined || textDifference(String(want), got, bindings) !== undefined
    ) {
      return `header ${name}: want ${show(want)} got ${show(got)}`
    }
  }
  const why = eventsOf ? undefined : difference(expect.headers?.["warning"] ?? [], warnings, { bindings })
  return why && `header warning${why}`
}

function bodyDifference(
  { expect, watch, ignore }: Step,
  { text, body, events, closed }: StepResult,
  bindings: Bindings,
): string | undefined {
  if (expect.events) {
    const order = (list: readonly unknown[]): readonly unknown[] => (watch?.unordered ? sorted(list, eventKey) : list)
    const why = difference(order(expect.events), without(order(events ?? []), ignore), { bindings }, ".events")
    if (why !== undefined) return why
    if (expect.closed !== undefined && expect.closed !== closed)
      return `stream closed: want ${expect.closed} got ${closed}`
  }
  if ("body" in expect) return difference(expect.body, without(body, ignore), { bindings })
  if ("bodyIncludes" in expect) return difference(expect.bodyIncludes, body, { bindings, partial: true })
  if (expect.bodyText !== undefined) {
    const why = textDifference(expect.bodyText, text, bindings)
    return why && `text: ${why}`
  }
  if (expect.bodyPattern !== undefined && !new RegExp(expect.bodyPattern).test(text))
    return `text: want /${expect.bodyPattern}/ got ${show(text)}`
  return undefined
}
