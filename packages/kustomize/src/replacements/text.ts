import { parseYamlDocuments, printYamlTree, readYamlTree } from "@gitops-toolkit/kube/manifest"
import type { YamlTree } from "@gitops-toolkit/kube/manifest"
import { KustomizeError } from "../error.ts"
import { printGoJson } from "../generators/hash.ts"
import { isScalar, textOf } from "../node/node.ts"
import type { Node } from "../node/node.ts"
import { lookup } from "../node/path.ts"
import type { Place } from "../node/path.ts"
import type { Write } from "./replacement.ts"
import { findInTree, setInTree } from "./tree.ts"

/** A path that may lead into JSON or YAML text, and what to write where it ends. */
export interface TextReplacement {
  readonly path: readonly string[]
  readonly write: Write
}

/**
 * Replaces inside of a text that holds JSON or YAML, and writes the text anew. False, and nothing changed, where the
 * path leads into no such text or something about it fails: then it is walked in the ordinary way.
 */
export function replaceInText(root: Node, { path, write }: TextReplacement): boolean {
  const found = findText(root, path)
  if (found === undefined) return false
  const text = textOf(found.place.node)
  const written = rewrite(text, found.rest, write)
  if (written === undefined) return false
  found.place.set(written)
  return true
}

/** The shortest start of the path that leads to a scalar that reads as YAML and is not the path's end. */
function findText(
  root: Node,
  path: readonly string[],
): { readonly place: Place; readonly rest: readonly string[] } | undefined {
  for (let length = 1; length < path.length; length++) {
    const place = quietly(() => lookup(root, path.slice(0, length)))
    if (place === undefined || !isScalar(place.node)) continue
    const tree = readText(textOf(place.node))
    if (tree !== undefined) return { place, rest: path.slice(length) }
  }
  return undefined
}

function quietly<Value>(action: () => Value): Value | undefined {
  try {
    return action()
  } catch (error) {
    if (error instanceof Error) return undefined
    throw error
  }
}

/** The tree of a text; absent for what is no YAML. */
export function readText(text: string): YamlTree | undefined {
  return quietly(() => readYamlTree(text, { limits: { depth: 100 } }))
}

function rewrite(text: string, path: readonly string[], write: Write): string | undefined {
  return quietly(() => {
    const tree = readText(text)
    if (tree === undefined) return undefined
    const places = findInTree(tree, { path, create: write.create, matchers: write.matchers })
    if (places.length === 0) return undefined
    for (const place of places) setInTree(place, write)
    const printed = printYamlTree(tree)
    return /^\s*[{[]/.test(text) ? asJson(printed, text) : printed.trim()
  })
}

/** The text as JSON, indented when the old text was. */
function asJson(printed: string, before: string): string {
  const value = parseYamlDocuments(printed, { profile: "kustomize" })[0]?.value ?? null
  const compact = printGoJson(value)
  return before.includes("\n") && before.includes("  ") ? indentJson(compact) : compact
}

/** Compact JSON with line breaks and two blanks of indent; texts stay as they are. */
export function indentJson(json: string): string {
  let depth = 0
  const line = (): string => `\n${"  ".repeat(depth)}`
  return json.replace(/"(?:[^"\\]|\\.)*"|\{\}|\[\]|[{}[\],:]/g, (token) => {
    if (token === "{" || token === "[") {
      depth++
      return token + line()
    }
    if (token === "}" || token === "]") {
      depth--
      return line() + token
    }
    if (token === ",") return token + line()
    return token === ":" ? ": " : token
  })
}

/**
 * What kustomize does when the ordinary walk meets a text under a key: it goes on in a copy of what the text holds, so
 * nothing comes of it. Throws where that walk fails.
 */
export function walkCopy(text: string, path: readonly string[], write: Write): number {
  const tree = text === "" ? undefined : readYamlTree(text)
  if (tree === undefined) throw new KustomizeError("BuildFailed", "expected MappingNode but got : node contents:")
  return findInTree(tree, { path, create: write.create, matchers: write.matchers }).length
}
