import { ManifestError, parseYamlDocuments } from "@gitops-toolkit/kube/manifest"
import type { YamlDocument, YamlPath } from "@gitops-toolkit/kube/manifest"
import { refold } from "../node/fold.ts"
import { fieldOf, isFolded, isList, keepFolded, textOf, valueOf } from "../node/node.ts"
import type { Node } from "../node/node.ts"
import { keepScalar } from "../node/scalar.ts"
import type { FileText } from "../load/loader.ts"
import type { FieldOrigin } from "../origin.ts"
import type { Located } from "./trace.ts"

/** One of the documents of a text. */
export interface LocatedDocument extends Located {
  readonly value: unknown
}

/** The place of the part at `way`, or of the nearest one that it lies in. */
function nearest(document: YamlDocument, way: YamlPath, path: string): FieldOrigin {
  for (let length = way.length; length > 0; length--) {
    const position = document.positionOf(way.slice(0, length))
    if (position !== undefined) return { path, ...position }
  }
  return { path, line: document.line }
}

/** The documents of a text that the build has read. There are none where it was read as something else than YAML. */
export function documentsOf({ text, path }: FileText): LocatedDocument[] {
  // Nodes as the build has them, so that they can be compared.
  const keeps = { scalar: keepScalar, folded: keepFolded, duplicate: () => undefined }
  try {
    const documents = parseYamlDocuments(text, { profile: "kustomize", path, ...keeps })
    return documents.map((document) => ({
      value: document.value,
      positionOf: (way) => nearest(document, way, path),
    }))
  } catch (error) {
    if (error instanceof ManifestError) return []
    throw error
  }
}

/** The documents of a text that stands in another file, as a scalar: their places are those in that file. */
export function inlineDocuments(text: string, host: FileText): LocatedDocument[] {
  const start = findScalar(text, host)
  const path = host.path
  if (start === undefined) {
    return documentsOf({ text, path }).map(({ value }) => ({ value, positionOf: () => ({ path }) }))
  }
  return documentsOf({ text, path }).map(({ value, positionOf }) => ({
    value,
    positionOf: (way) => {
      const { line = 1, column = 1 } = positionOf(way)
      return start.isBlock
        ? { path, line: start.line + line, column: start.indent + column }
        : { path, line: start.line }
    },
  }))
}

interface Start {
  /** The line of its header; of a block the text begins on the next, or after the empty lines that follow. */
  readonly line: number
  readonly isBlock: boolean
  /** By how much its lines stand to the right. */
  readonly indent: number
}

function findScalar(text: string, host: FileText): Start | undefined {
  for (const document of documentsOf(host)) {
    const found = search(document.value, text.trim())
    if (found === undefined) continue
    const { line = 1 } = document.positionOf(found.way)
    const lines = host.text.split("\n")
    const isBlock = /\|[-+0-9]*[ \t]*(?:#.*)?\r?$/.test(lines[line - 1] ?? "")
    const skipped = /^\s*/.exec(found.text)![0].split("\n").length - 1
    const first = lines[line + skipped] ?? ""
    const indent = first.length - first.trimStart().length
    return { line: line + skipped, isBlock, indent }
  }
  return undefined
}

interface FoundText {
  readonly text: string
  readonly way: YamlPath
}

/** The first scalar that is this text but for blanks around it. */
function search(value: unknown, text: string, way: YamlPath = []): FoundText | undefined {
  if (typeof value === "string") return value.trim() === text ? { text: value, way } : undefined
  if (typeof value !== "object" || value === null) return undefined
  if (isFolded(value as Node)) {
    // As a kustomization has it, or the configuration of a plugin, which was written and read again.
    const folded = textOf(value as Node)
    return search(folded, text, way) ?? search(refold(folded), text, way)
  }
  const entries: Iterable<[string | number, unknown]> = Array.isArray(value) ? value.entries() : Object.entries(value)
  for (const [key, item] of entries) {
    const found = search(item, text, [...way, key])
    if (found !== undefined) return found
  }
  return undefined
}

/** What the options of a build set: no file holds it. */
export const outside: Located = { positionOf: () => ({}) }

/** The objects of a file, each as its own document would be, by what `keyOfObject` gives. */
export type LocatedObjects = ReadonlyMap<string, Located>

/** What an object is known by within one file. */
export function keyOfObject(node: Node): string {
  const metadata = fieldOf(node, "metadata")
  const [name, namespace] = [valueOf(fieldOf(metadata, "name")), valueOf(fieldOf(metadata, "namespace"))]
  return JSON.stringify([textOf(fieldOf(node, "apiVersion")), textOf(fieldOf(node, "kind")), namespace, name])
}

/** The objects of a document: itself, or the items of a list, as documents of their own. */
export function unfold(document: LocatedDocument): LocatedDocument[] {
  const value = document.value as Node
  const items = fieldOf(value, "items")
  if (!isList(items) || !textOf(fieldOf(value, "kind")).endsWith("List")) return [document]
  return items.flatMap((item, index) =>
    unfold({ value: item, positionOf: (way) => document.positionOf(["items", index, ...way]) }),
  )
}

/** Finds the objects in the documents of a file. */
export function locateObjects(documents: readonly LocatedDocument[]): LocatedObjects {
  const objects = new Map<string, Located>()
  for (const document of documents.flatMap(unfold)) {
    const key = keyOfObject(document.value as Node)
    if (!objects.has(key)) objects.set(key, document)
  }
  return objects
}
