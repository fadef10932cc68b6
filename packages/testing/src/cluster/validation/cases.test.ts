// The tables of cases in `cases/`: objects, one change a line, and what the server answers. A file reads
//
//   base PATH-OF-THE-COLLECTION          an object as YAML, indented; what follows is about it
//   create CHANGES                       post it with the changes, under another name
//   update CHANGES                       put it back with the changes
//   status CHANGES                       the same at `/status`
//
// A change is `path = JSON`; without a value the field is left out; several are parted by ` ; `. Below a case stands the
// answer: causes, warnings, or `accepted`. To add a case, write its line and let the real server say what follows:
//
//   KUBEBUILDER_ASSETS=… npx vitest run packages/testing/src/cluster/validation/cases.test.ts -u
import { readdirSync, readFileSync } from "node:fs"
import type { Transport } from "@gitops-toolkit/http"
import { parseYamlDocuments } from "@gitops-toolkit/kube/manifest"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { createCluster, missingBinaries, startControlPlane } from "../../index.ts"

interface Json {
  readonly [name: string]: unknown
}

/** A block of a file: lines that are told again as they are, or a case that is asked. */
interface Base {
  readonly path: string
  readonly text: string
  readonly cases: string[]
}

const folder = new URL("cases/", import.meta.url)
const files = readdirSync(folder).filter((name) => name.endsWith(".txt"))

/** Bases and their cases, without the answers. */
function parse(text: string): readonly Base[] {
  const bases: Base[] = []
  for (const block of text.split(/\n(?=base )/)) {
    const [head = "", ...rest] = block.split("\n")
    const end = rest.findIndex((line) => !line.startsWith("  "))
    const cases = rest.slice(end).filter((line) => /^(?:create|update|status) /.test(line))
    bases.push({ path: head.replace(/^base /, ""), text: rest.slice(0, end).join("\n"), cases })
  }
  return bases
}

/** A copy with the value at a path; without it when there is none. */
function changed(value: unknown, [head, ...rest]: readonly string[], to: unknown): unknown {
  if (head === undefined) return to
  if (Array.isArray(value)) {
    const items: unknown[] = [...value]
    const next = changed(items[Number(head)], rest, to)
    items.splice(Number(head), 1, ...(next === undefined ? [] : [next]))
    return items
  }
  const { [head]: inner, ...others } = (value ?? {}) as Json
  const next = changed(inner, rest, to)
  return next === undefined ? others : { ...(value as Json), [head]: next }
}

/** `a.b[0]["c.d/e"]` as its steps. */
const stepsOf = (path: string): string[] =>
  [...path.matchAll(/\["([^"]+)"\]|([^.[\]]+)/g)].map(([, quoted, plain]) => (quoted ?? plain)!)

function withChanges(object: Json, changes: string): Json {
  return changes.split(" ; ").reduce<Json>((made, change) => {
    const [, path = "", value = ""] = /^(.+?) =(?: (.*))?$/.exec(change)!
    return changed(made, stepsOf(path), value === "" ? undefined : JSON.parse(value)) as Json
  }, object)
}

/** Without what a server makes at random. */
const steady = (text: string): string =>
  text.replaceAll(/[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/g, "UID").replaceAll(/"10\.0\.\d+\.\d+"/g, "IP")

interface Answer {
  readonly body: Json
  readonly lines: readonly string[]
}

async function ask(
  transport: Transport,
  { method, path, body }: { readonly method: string; readonly path: string; readonly body: Json },
): Promise<Answer> {
  const headers = { accept: "application/json", "content-type": "application/json" }
  const [plain = "", query = ""] = path.split("?")
  const pairs = [...new URLSearchParams(query)] as [string, string][]
  const sent = { method, path: plain, query: pairs, headers, body: JSON.stringify(body), timeoutMs: 30_000 }
  const response = await transport(sent)
  const chunks: Uint8Array[] = []
  for await (const chunk of response.body) chunks.push(chunk)
  const answer = JSON.parse(Buffer.concat(chunks).toString("utf8")) as Json
  const warnings = (response.headers["warning"] ?? []).join(", ").match(/(?<=299 - ")(?:[^"\\]|\\.)*/g) ?? []
  const lines = warnings.map((warning) => `warning: ${JSON.parse(`"${warning}"`) as string}`).toSorted()
  if (response.status < 300) return { body: answer, lines: lines.length > 0 ? lines : ["accepted"] }
  const causes = (answer["details"] as { causes?: readonly { field?: string; message: string }[] } | undefined)?.causes
  const told = causes?.map(({ field, message }) => (field === undefined ? message : `${field}: ${message}`))
  return { body: answer, lines: (told ?? [String(answer["message"])]).map(steady) }
}

async function render(transport: Transport, text: string): Promise<string> {
  const blocks: string[] = []
  const items: string[] = []
  for (const { path, text: yaml, cases } of parse(text)) {
    const given = parseYamlDocuments(yaml)[0]!.value as Json
    const made = await ask(transport, { method: "POST", path, body: given })
    const { name, ...metadata } = (made.body["metadata"] ?? {}) as Json
    if (made.body["kind"] === "Status") throw new Error(`${path}: ${made.lines.join("; ")}`)
    items.push(`${path}/${String(name)}`)
    const lines = [`base ${path}`, yaml, ""]
    for (const line of cases) {
      const [operation, changes = ""] = line.split(/ (.*)/)
      const isNew = operation === "create"
      const body = isNew ? { ...given, metadata: { ...(given["metadata"] as Json), name: "other" } } : made.body
      const target = isNew ? path : `${path}/${name as string}${operation === "status" ? "/status" : ""}`
      const { lines: answer } = await ask(transport, {
        method: isNew ? "POST" : "PUT",
        path: `${target}?dryRun=All`,
        body: withChanges(isNew ? body : { ...body, metadata: { ...metadata, name } }, changes),
      })
      lines.push(line, ...answer.map((told) => `  ${told}`))
    }
    blocks.push(`${lines.join("\n")}\n`)
  }
  // Limits and quotas of one file are none of the next.
  for (const item of items.toReversed())
    await ask(transport, { method: "DELETE", path: `${item}?gracePeriodSeconds=0`, body: {} })
  return blocks.join("\n")
}

const missing = missingBinaries()
if (missing.length > 0)
  console.warn(`skipped: the cases of validation on the real server (missing: ${missing.join(", ")})`)

// Before the other: only the real server writes answers, and the embedded one is held to them.
describe.skipIf(missing.length > 0)("the real API server says what the table says", () => {
  let plane: Awaited<ReturnType<typeof startControlPlane>> | undefined
  beforeAll(async () => {
    plane = await startControlPlane({ startTimeoutMs: 60_000 })
  }, 90_000)
  afterAll(() => plane?.[Symbol.asyncDispose]())

  test.each(files)("%s", { timeout: 60_000 }, async (file) => {
    const text = readFileSync(new URL(file, folder), "utf8")
    await expect(await render(plane!.transport, text)).toMatchFileSnapshot(new URL(file, folder).pathname)
  })
})

describe("the embedded API server says of built-in kinds what the table says", () => {
  test.each(files)("%s", async (file) => {
    await using cluster = createCluster({ controllers: false })
    const text = readFileSync(new URL(file, folder), "utf8")
    expect(text.match(/^(?:create|update|status) /gm)?.length).toBeGreaterThan(0)
    expect(await render(cluster.transport, text)).toBe(text)
  })
})
