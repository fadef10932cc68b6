import { ManifestError, parseYamlDocuments, printYamlTree, readYamlTree } from "@gitops-toolkit/kube/manifest"
import type { YamlTree } from "@gitops-toolkit/kube/manifest"
import { KustomizeError } from "../error.ts"
import { printGoJson } from "../generators/hash.ts"
import { isScalar, textOf } from "../node/node.ts"
import { lookup } from "../node/path.ts"
import type { Place } from "../node/path.ts"
import { replaceText } from "../node/scalar.ts"
import type { Write } from "./write.ts"
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
export function replaceInText(root: Place, { path, write }: TextReplacement): boolean {
  const found = findText(root, path)
  if (found === undefined) return false
  const text = textOf(found.place.node)
  const written = rewrite(text, found.rest, write)
  if (written === undefined) return false
  found.place.set(replaceText(found.place.node, written))
  return true
}

/** The shortest start of the path that leads to a scalar that reads as YAML and is not the path's end. */
function findText(
  root: Place,
  path: readonly string[],
): { readonly place: Place; readonly rest: readonly string[] } | undefined {
  let place: Place | undefined = root
  for (const [index, part] of path.slice(0, -1).entries()) {
    const from: Place = place
    place = quietly(() => lookup(from, [part]))
    if (place === undefined) return undefined
    if (!isScalar(place.node)) continue
    return readText(textOf(place.node)) === undefined ? undefined : { place, rest: path.slice(index + 1) }
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
function readText(text: string): YamlTree | undefined {
  return quietly(() => readYamlTree(firstValue(text)))
}

/** The text up to the end of its first value, where it begins with a bracket: what follows is not read. */
function firstValue(text: string): string {
  if (!/^\s*[{[]/.test(text)) return text
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!
    if (character === '"' || character === "'") i = endOfQuotes(text, i)
    else if (character === "{" || character === "[") depth++
    else if ((character === "}" || character === "]") && --depth === 0) return text.slice(0, i + 1)
  }
  return text
}

function endOfQuotes(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === "\\" && text[start] === '"') i++
    else if (text[i] === text[start]) return i
  }
  return text.length
}

function rewrite(text: string, path: readonly string[], write: Write): string | undefined {
  return quietly(() => {
    const tree = readText(text)
    if (tree === undefined) return undefined
    const places = findIn(tree, path, write)
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
 * nothing comes of it. Returns how many places there are; throws where that walk fails.
 */
export function walkCopy(text: string, path: readonly string[], write: Write): number {
  if (text === "") throw new KustomizeError("BuildFailed", "expected MappingNode but got : node contents:")
  let tree: YamlTree | undefined
  try {
    tree = readYamlTree(firstValue(text))
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error
    throw new KustomizeError("BuildFailed", `a text on the way is no YAML: ${error.rawMessage}`, { cause: error })
  }
  if (tree === undefined) throw new KustomizeError("BuildFailed", "expected MappingNode but got : node contents:")
  return findIn(tree, path, write).length
}

const findIn = (tree: YamlTree, path: readonly string[], write: Write): YamlTree[] =>
  findInTree(tree, { path, create: write.create, matchers: write.matchers }, (text, rest) =>
    walkCopy(text, rest, write),
  )
