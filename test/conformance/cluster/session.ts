// Sends the steps of one case and keeps their answers.
import type { Transport, TransportResponse } from "@gitops-toolkit/http"

/** What a step expects. */
export interface Expectation {
  readonly status: number
  readonly headers?: { readonly [name: string]: unknown }
  readonly body?: unknown
  readonly bodyIncludes?: unknown
  readonly bodyText?: string
  readonly bodyPattern?: string
  readonly events?: readonly unknown[]
  readonly closed?: boolean
}

/** One step of a case: a request, a watch, the events of an open watch, or a pause. */
export interface Step {
  readonly id?: string
  readonly as?: string
  readonly method?: string
  readonly path?: string
  readonly headers?: { readonly [name: string]: string | null }
  readonly body?: unknown
  readonly bodyText?: string
  readonly bodyRepeat?: { readonly mark: string; readonly text: string; readonly count: number }
  readonly until?: { readonly timeoutMs: number }
  readonly ignore?: readonly string[]
  readonly watch?: {
    readonly collect?: number
    readonly timeoutMs?: number
    readonly unordered?: boolean
    readonly background?: boolean
  }
  readonly eventsOf?: string
  readonly sleepMs?: number
  readonly expect: Expectation
}

/** A case of the corpus. */
export interface RecordedCase {
  readonly name: string
  readonly group: string
  readonly needs?: readonly string[]
  readonly setup?: { readonly namespaces?: readonly string[]; readonly crds?: readonly Definition[] }
  readonly steps: readonly Step[]
}

interface Definition {
  readonly metadata: { readonly name: string }
  readonly spec: {
    readonly group: string
    readonly names: { readonly plural: string }
    readonly versions: readonly { readonly name: string; readonly served: boolean }[]
  }
}

/** The answer to a step. */
export interface StepResult {
  readonly status: number
  readonly headers: { readonly [name: string]: readonly string[] }
  readonly warnings: readonly string[]
  readonly text: string
  readonly body: unknown
  readonly events?: readonly unknown[]
  readonly closed?: boolean
}

interface OpenWatch extends StepResult {
  readonly events: unknown[]
  taken: number
  ended: boolean
  wake: () => void
  stop(): void
}

/** One case's way to the server. */
export interface Session {
  setUp(setup: NonNullable<RecordedCase["setup"]>): Promise<void>
  run(step: Step): Promise<StepResult>
  /** Makes an answer known to `${id.path}` in later steps. */
  keep(step: Step, result: StepResult): void
  close(): void
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function follow(results: ReadonlyMap<string, unknown>, path: string): unknown {
  let value: unknown = Object.fromEntries(results)
  for (const [, quoted, plain] of path.matchAll(/"([^"]*)"|([^."]+)/g))
    value = (value as Record<string, unknown> | undefined)?.[(quoted ?? plain)!]
  return value
}

const reference = /\$\{([^}]+)\}/g

function substitute(results: ReadonlyMap<string, unknown>, value: unknown): unknown {
  if (typeof value === "string") {
    const whole = /^\$\{([^}]+)\}$/.exec(value)
    if (whole) return follow(results, whole[1]!)
    return value.replaceAll(reference, (_, path: string) => String(follow(results, path)))
  }
  if (Array.isArray(value)) return value.map((item) => substitute(results, item))
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, substitute(results, member)]))
}

function warningsOf(headers: StepResult["headers"]): readonly string[] {
  return (headers["warning"] ?? []).join(", ").match(/\d{3} \S+ "(?:[^"\\]|\\.)*"/g) ?? []
}

/** A session of one case. */
export function createSession(transport: Transport, tokens: ReadonlyMap<string, string>): Session {
  const results = new Map<string, unknown>()
  const watches = new Map<string, OpenWatch>()
  const closing = new AbortController()
  const sender: Sender = { transport, tokens, results, closing: closing.signal }
  const run = async (step: Step): Promise<StepResult> => {
    if (step.eventsOf !== undefined) return takeEvents(watches.get(step.eventsOf)!, step.watch ?? {})
    if (!step.watch) return exchange(sender, step)
    const watch = await openWatch(sender, step)
    if (step.watch.background) {
      watches.set(step.id!, watch)
      return { ...watch, events: [] }
    }
    const taken = await takeEvents(watch, step.watch)
    watch.stop()
    return taken
  }
  return {
    setUp: (setup) => setUp(sender, setup),
    run,
    keep(step, result) {
      if (step.id !== undefined)
        results.set(step.id, result.events && result.events.length > 0 ? result.events : (result.body ?? result.text))
    },
    close: () => closing.abort(),
  }
}

interface Sender {
  readonly transport: Transport
  readonly tokens: ReadonlyMap<string, string>
  readonly results: ReadonlyMap<string, unknown>
  readonly closing: AbortSignal
}

function headersFor(step: Step, tokens: ReadonlyMap<string, string>): Record<string, string> {
  const headers: Record<string, string | null> = { accept: "application/json", ...step.headers }
  const hasBody = step.body !== undefined || step.bodyText !== undefined || step.bodyRepeat !== undefined
  if (hasBody && headers["content-type"] === undefined) headers["content-type"] = "application/json"
  const kept = Object.fromEntries(Object.entries(headers).filter((pair): pair is [string, string] => pair[1] !== null))
  if (step.as === "anonymous") return kept
  return { ...kept, authorization: `Bearer ${tokens.get(step.as ?? "admin") ?? step.as}` }
}

async function send(
  { transport, tokens, results, closing }: Sender,
  step: Step,
  signal: AbortSignal,
): Promise<TransportResponse> {
  let body = step.body === undefined ? undefined : JSON.stringify(substitute(results, step.body))
  if (step.bodyText !== undefined) body = String(substitute(results, step.bodyText))
  if (step.bodyRepeat) body = body!.replace(step.bodyRepeat.mark, step.bodyRepeat.text.repeat(step.bodyRepeat.count))
  const target = step.path!.replaceAll(reference, (whole) => encodeURIComponent(String(substitute(results, whole))))
  const mark = target.indexOf("?")
  return transport({
    method: step.method!,
    path: mark < 0 ? target : target.slice(0, mark),
    query: mark < 0 ? [] : [...new URLSearchParams(target.slice(mark + 1))],
    headers: headersFor(step, tokens),
    ...(body === undefined ? {} : { body }),
    signal: AbortSignal.any([closing, signal]),
    stream: step.watch !== undefined,
  })
}

async function exchange(sender: Sender, step: Step): Promise<StepResult> {
  const { status, headers, body } = await send(sender, step, AbortSignal.timeout(30_000))
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  const text = Buffer.concat(chunks).toString("utf8")
  return { status, headers, warnings: warningsOf(headers), text, body: parse(text) }
}

async function openWatch(sender: Sender, step: Step): Promise<OpenWatch> {
  const stop = new AbortController()
  const { status, headers, body } = await send(sender, step, stop.signal)
  const events: unknown[] = []
  const base = {
    status,
    headers,
    warnings: warningsOf(headers),
    events,
    taken: 0,
    wake: () => undefined,
    stop: () => stop.abort(),
  }
  if (status !== 200) {
    const chunks: Uint8Array[] = []
    for await (const chunk of body) chunks.push(chunk)
    const text = Buffer.concat(chunks).toString("utf8")
    return { ...base, text, body: parse(text), ended: true }
  }
  const watch: OpenWatch = { ...base, text: "", body: undefined, ended: false }
  void collect(watch, body)
  return watch
}

async function collect(watch: OpenWatch, body: AsyncIterable<Uint8Array>): Promise<void> {
  let rest = ""
  const decoder = new TextDecoder()
  try {
    for await (const chunk of body) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n")
      rest = lines.pop()!
      for (const line of lines) if (line.trim() !== "") watch.events.push(parse(line) ?? line)
      watch.wake()
    }
  } catch {
    // Hung up by us, or cut off by the server: either way it is over.
  }
  watch.ended = true
  watch.wake()
}

async function takeEvents(
  watch: OpenWatch,
  { collect: count, timeoutMs = 5000 }: NonNullable<Step["watch"]>,
): Promise<StepResult> {
  const end = Date.now() + timeoutMs
  const isEnough = (): boolean => watch.ended || (count !== undefined && watch.events.length - watch.taken >= count)
  while (!isEnough() && Date.now() < end) {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.max(1, end - Date.now()))
      watch.wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
  const events = watch.events.slice(watch.taken, count === undefined ? undefined : watch.taken + count)
  watch.taken += events.length
  const { status, headers, warnings, text, body, ended } = watch
  return { status, headers, warnings, text, body, events, closed: ended }
}

async function setUp(
  sender: Sender,
  { namespaces = [], crds = [] }: NonNullable<RecordedCase["setup"]>,
): Promise<void> {
  const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
  const create = async (path: string, body: unknown): Promise<void> => {
    const { status, text } = await exchange(sender, { method: "POST", path, body, expect: { status: 201 } })
    if (status !== 201) throw new Error(`setup: POST ${path}: ${status} ${text}`)
  }
  for (const name of namespaces)
    await create("/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name } })
  for (const crd of crds) await create(definitions, crd)
  for (const crd of crds) await waitUntilServed(sender, crd)
}

/** Listed and in discovery: until then the real server may still exchange the storage behind a definition. */
async function waitUntilServed(sender: Sender, { metadata, spec }: Definition): Promise<void> {
  const { name } = spec.versions.find(({ served }) => served)!
  const { plural } = spec.names
  const base = `/apis/${spec.group}/${name}`
  const get = (path: string): Promise<StepResult> => exchange(sender, { method: "GET", path, expect: { status: 200 } })
  for (let attempt = 0; attempt < 400; attempt++) {
    const listed = await get(`${base}/${plural}?limit=1`)
    if (listed.status === 200 && isDiscovered(await get(base), plural)) return
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error(`setup: ${metadata.name} was not established`)
}

function isDiscovered({ status, body }: StepResult, plural: string): boolean {
  const { resources = [] } = (body ?? {}) as { readonly resources?: readonly { readonly name: string }[] }
  return status === 200 && resources.some(({ name }) => name === plural)
}
