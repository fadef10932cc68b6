import { parseAllDocuments, stringify } from "yaml"
import { isMap, manifestsOf, writeText, type Change, type Draft } from "./draft.ts"
import { blockScalars, kinds, oddNames, oddScalars } from "./odd-values.ts"
import type { Random } from "./random.ts"

function aManifest(draft: Draft, random: Random): { path: string; text: string } | undefined {
  const paths = manifestsOf(draft).filter((path) => draft.files.get(path)!.length < 100_000)
  if (paths.length === 0) return undefined
  const path = random.pick(paths)
  return { path, text: draft.files.get(path)!.toString() }
}

const scalarLine = /^(?<head>\s*(?:- )*[\w./-]+:) +(?<value>[^\s#&*|>{[][^#\n]*)$/u

/** Puts another scalar in the place of one, on its line. */
const oddScalar: Change = (draft, random) => {
  const chosen = aManifest(draft, random)
  if (chosen === undefined) return undefined
  const lines = chosen.text.split("\n")
  const places = lines.flatMap((line, i) => (scalarLine.test(line) && !/^(?:kind|apiVersion):/u.test(line) ? [i] : []))
  if (places.length === 0) return undefined
  const at = random.pick(places)
  const { head } = scalarLine.exec(lines[at]!)!.groups!
  if (random.chance(0.25)) {
    const [header, block] = random.pick(blockScalars)
    const indent = " ".repeat(/^[\s-]*/u.exec(head!)![0].length + 2)
    lines.splice(at, 1, `${head} ${header}`, ...block.map((line) => (line === "" ? "" : indent + line)))
    writeText(draft, chosen.path, lines.join("\n"))
    return `${chosen.path}:${at + 1} block ${header}`
  }
  const scalar = random.pick(oddScalars)
  lines[at] = `${head} ${scalar}`
  writeText(draft, chosen.path, lines.join("\n"))
  return `${chosen.path}:${at + 1} ${head?.trim()} ${scalar.slice(0, 30)}`
}

const oddKey: Change = (draft, random) => {
  const chosen = aManifest(draft, random)
  if (chosen === undefined) return undefined
  const lines = chosen.text.split("\n")
  const places = lines.flatMap((line, i) => (/^ +[\w./-]+: +\S/u.test(line) ? [i] : []))
  if (places.length === 0) return undefined
  const at = random.pick(places)
  const key = random.pick([
    "yes",
    "1",
    "a b",
    '"q"',
    "'on'",
    "null",
    "a.b/c",
    "1.5",
    "x".repeat(130),
    "<<",
    "é",
    "a:b",
    '"a: b"',
    '"tab\\t"',
    "true",
    "~",
    "a10",
    "a2",
    "-x",
    "n",
  ])
  lines[at] = lines[at]!.replace(/[\w./-]+:/u, `${key}:`)
  writeText(draft, chosen.path, lines.join("\n"))
  return `${chosen.path}:${at + 1} key ${key.slice(0, 20)}`
}

/** The documents of a text; nothing when one of them is no map, or no YAML. */
function readDocuments(text: string): unknown[] | undefined {
  try {
    const documents = [...parseAllDocuments(text, { logLevel: "error" })]
    if (documents.some(({ errors }) => errors.length > 0)) return undefined
    const values = documents.map((document) => document.toJS() as unknown)
    return values.every(isMap) ? values : undefined
  } catch {
    return undefined
  }
}

/** The same documents in another style. */
const restyle: Change = (draft, random) => {
  const chosen = aManifest(draft, random)
  if (chosen === undefined) return undefined
  const values = readDocuments(chosen.text)
  if (values === undefined) return undefined
  const style = random.pick(["single", "double", "flow", "wide", "json", "folded", "list", "indented", "anchors"])
  const texts = values.map((value) => {
    if (style === "json") return JSON.stringify(value, undefined, random.pick([0, 2])) + "\n"
    if (style === "flow") return stringify(value, { collectionStyle: "flow", lineWidth: random.pick([40, 0]) })
    if (style === "single") return stringify(value, { defaultStringType: "QUOTE_SINGLE", defaultKeyType: "PLAIN" })
    if (style === "double")
      return stringify(value, {
        defaultStringType: "QUOTE_DOUBLE",
        defaultKeyType: random.pick(["PLAIN", "QUOTE_DOUBLE"]),
      })
    if (style === "folded") return stringify(value, { lineWidth: 30, blockQuote: "folded" })
    if (style === "indented") return stringify(value, { indent: 4, indentSeq: random.chance(0.5) })
    if (style === "anchors") return withAnchors(value)
    return stringify(value, { lineWidth: 0, indentSeq: false })
  })
  const text =
    style === "list"
      ? stringify({ apiVersion: "v1", kind: "List", items: values })
      : texts.join(random.pick(["---\n", "--- # next\n", "---\n---\n", "...\n---\n"]))
  writeText(draft, chosen.path, text)
  return `${chosen.path} as ${style}`
}

/** Equal maps and lists become one, with an anchor and aliases. */
function withAnchors(value: unknown): string {
  const seen = new Map<string, unknown>()
  const share = (item: unknown): unknown => {
    if (typeof item !== "object" || item === null) return item
    const copy = Array.isArray(item)
      ? item.map(share)
      : Object.fromEntries(Object.entries(item).map(([key, child]) => [key, share(child)]))
    const text = JSON.stringify(copy)
    if (!seen.has(text)) seen.set(text, copy)
    return seen.get(text)
  }
  return stringify(share(value))
}

const layout: Change = (draft, random) => {
  const chosen = aManifest(draft, random)
  if (chosen === undefined) return undefined
  const style = random.pick(["crlf", "comments", "bom", "start", "end", "blank", "no final newline", "trailing blanks"])
  const { path, text } = chosen
  const lines = text.split("\n")
  if (style === "crlf") writeText(draft, path, text.replaceAll("\n", "\r\n"))
  else if (style === "bom") writeText(draft, path, `\uFEFF${text}`)
  else if (style === "start") writeText(draft, path, `# head\n---\n${text}`)
  else if (style === "end") writeText(draft, path, `${text}\n...\n# after\n---\n# nothing\n`)
  else if (style === "no final newline") writeText(draft, path, text.trimEnd())
  else {
    const at = random.below(lines.length)
    const indent = /^ */u.exec(lines[at]!)![0]
    if (style === "comments") lines.splice(at, 0, `${indent}# a comment`)
    else if (style === "blank") lines.splice(at, 0, "", "   ")
    else lines[at] += "   "
    writeText(draft, path, lines.join("\n"))
  }
  return `${path} ${style}`
}

/** Another name, namespace or kind: in one place, or in all files. */
const rename: Change = (draft, random) => {
  const chosen = aManifest(draft, random)
  if (chosen === undefined) return undefined
  const what = random.pick(["name", "namespace", "kind"])
  if (what === "kind") {
    const [apiVersion, kind] = random.pick(kinds)
    const lines = chosen.text.split("\n")
    const at = lines.flatMap((line, i) => (line.startsWith("kind:") ? [i] : []))
    if (at.length === 0) return undefined
    const place = random.pick(at)
    lines[place] = `kind: ${kind}`
    for (const near of [place - 1, place + 1])
      if (lines[near]?.startsWith("apiVersion:") === true) lines[near] = `apiVersion: ${apiVersion}`
    writeText(draft, chosen.path, lines.join("\n"))
    return `${chosen.path} kind ${kind}`
  }
  const name = random.pick(oddNames)
  if (what === "namespace") {
    const pattern = /^(?<indent> +)namespace:.*$/mu
    const text = pattern.test(chosen.text)
      ? chosen.text.replace(pattern, random.chance(0.3) ? "" : `$<indent>namespace: "${name}"`)
      : chosen.text.replace(/^metadata:\n/mu, `metadata:\n  namespace: "${name}"\n`)
    writeText(draft, chosen.path, text)
    return `${chosen.path} namespace ${name}`
  }
  const old = /^ +name: +(?<name>[\w.-]+)$/mu.exec(chosen.text)?.groups?.["name"]
  if (old === undefined) return undefined
  const everywhere = random.chance(0.5)
  for (const path of everywhere ? draft.files.keys() : [chosen.path]) {
    const text = draft.files.get(path)!.toString()
    if (text.includes(old) && !text.includes("\uFFFD"))
      writeText(draft, path, text.replaceAll(`name: ${old}\n`, `name: "${name}"\n`))
  }
  return `${everywhere ? "all" : chosen.path} name ${old} -> ${name}`
}

const dropLine: Change = (draft, random) => {
  const chosen = aManifest(draft, random)
  if (chosen === undefined) return undefined
  const lines = chosen.text.split("\n")
  const at = random.below(lines.length)
  const word = random.pick(["drop", "repeat"])
  lines.splice(at, 1, ...(word === "drop" ? [] : [lines[at]!, lines[at]!]))
  writeText(draft, chosen.path, lines.join("\n"))
  return `${word} ${chosen.path}:${at + 1}`
}

/** Changes to manifests, patches and the other YAML files. */
export const manifestChanges: readonly Change[] = [
  oddScalar,
  oddScalar,
  oddScalar,
  oddKey,
  restyle,
  restyle,
  layout,
  rename,
  rename,
  dropLine,
]
