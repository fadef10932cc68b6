import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs"
import { join, posix } from "node:path"
import { parse, parseAllDocuments, stringify } from "yaml"
import type { Random } from "./random.ts"

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json }
export type JsonMap = { [name: string]: Json }

/** A case under change: a file tree and the folder that is built. */
export interface Draft {
  readonly files: Map<string, Buffer>
  dir: string
  /** What the unchanged case renders to, as a quarry for names, kinds and fields. */
  readonly objects: readonly JsonMap[]
  readonly options: {
    readonly loadRestrictor?: string
    readonly reorder?: string
    readonly enableManagedbyLabel?: boolean
  }
}

/** One kind of change; it answers what it did, or nothing when the draft offers no place for it. */
export type Change = (draft: Draft, random: Random) => string | undefined

export const isMap = (value: unknown): value is JsonMap =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const kustomizationNames = ["kustomization.yaml", "kustomization.yml", "Kustomization"]

function readTree(folder: string, prefix: string, files: Map<string, Buffer>): boolean {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = posix.join(prefix, entry.name)
    if (entry.isSymbolicLink()) return readlinkSync(join(folder, entry.name)) === ""
    if (entry.isFile()) files.set(path, readFileSync(join(folder, entry.name)))
    else if (!readTree(join(folder, entry.name), path, files)) return false
  }
  return true
}

/** The draft of a case of the corpus; nothing for cases with links, with folders without files, or with remote parts. */
export function readDraft(folder: string): Draft | undefined {
  const meta = JSON.parse(readFileSync(join(folder, "case.json"), "utf8")) as {
    readonly dir: string
    readonly emptyDirs?: readonly string[]
    readonly options?: Draft["options"]
  }
  const files = new Map<string, Buffer>()
  if (meta.emptyDirs !== undefined || !readTree(join(folder, "input"), "", files)) return undefined
  for (const [path, content] of files) {
    if (isKustomization(path) && /:\/\/|github\.com|\.git\b/u.test(content.toString())) return undefined
  }
  const expected = join(folder, "expected.yaml")
  const text = existsSync(expected) ? readFileSync(expected, "utf8") : ""
  return { files, dir: posix.normalize(meta.dir), objects: readObjects(text), options: meta.options ?? {} }
}

function readObjects(text: string): JsonMap[] {
  if (text.length > 300_000) return []
  const documents = parseAllDocuments(text, { logLevel: "error" })
  return (Array.isArray(documents) ? documents : [])
    .map((document) => document.toJS() as unknown)
    .filter((value): value is JsonMap => isMap(value) && isMap(value["metadata"]))
}

/** A copy that may be changed. */
export const copyDraft = (draft: Draft): Draft => ({ ...draft, files: new Map(draft.files) })

export const isKustomization = (path: string): boolean => kustomizationNames.includes(posix.basename(path))

/** The kustomization files of the draft, the built one first. */
export function kustomizationsOf(draft: Draft): string[] {
  const paths = [...draft.files.keys()].filter(isKustomization)
  return paths.toSorted((a, b) => Number(posix.dirname(b) === draft.dir) - Number(posix.dirname(a) === draft.dir))
}

/** The YAML files that are no kustomizations. */
export const manifestsOf = (draft: Draft): string[] =>
  [...draft.files.keys()].filter((path) => /\.(ya?ml|json)$/u.test(path) && !isKustomization(path))

/** The content of a YAML file that is a map, or nothing. */
export function readMap(draft: Draft, path: string): JsonMap | undefined {
  try {
    const value: unknown = parse(draft.files.get(path)?.toString() ?? "", {
      version: "1.1",
      maxAliasCount: 100,
      logLevel: "error",
    })
    return isMap(value) ? value : undefined
  } catch {
    return undefined
  }
}

export function writeText(draft: Draft, path: string, text: string): void {
  draft.files.set(path, Buffer.from(text))
}

/** Writes a kustomization, quoted so that the reader of YAML 1.1 sees what is meant. */
export function writeMap(draft: Draft, path: string, value: JsonMap): void {
  writeText(draft, path, stringify(value, { version: "1.1", lineWidth: 0, aliasDuplicateObjects: false }))
}
