// Reads the workspace's own sources for the architecture test: imports, functions, exports and classes of each file.
import { globSync, readFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { parseSync } from "oxc-parser"

/** The workspace's root folder. */
export const root: string = dirname(dirname(fileURLToPath(import.meta.url)))

/** What the architecture test knows of one source file. */
export interface SourceFile {
  /** Path from the root, with forward slashes. */
  readonly path: string
  readonly package: string
  /** Lines that are neither blank nor comment. */
  readonly lines: number
  /** Module names as written; type-only ones (erased at run time) are marked. */
  readonly imports: readonly { readonly from: string; readonly typeOnly: boolean }[]
  readonly functions: readonly { readonly name: string; readonly line: number; readonly lines: number }[]
  readonly classes: readonly string[]
  /** Exported declarations without a doc comment in front. */
  readonly undocumented: readonly string[]
}

/** A node of the syntax tree. */
export interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [field: string]: unknown
}

/** Whether a field of a node is a node. */
export const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && typeof (value as Node).type === "string"

/** The node and all below it, parents first. */
export function* walk(node: Node): Generator<Node> {
  yield node
  for (const value of Object.values(node)) {
    if (isNode(value)) yield* walk(value)
    else if (Array.isArray(value)) for (const item of value) if (isNode(item)) yield* walk(item)
  }
}

function codeLines(text: string, comments: readonly { start: number; end: number }[]): boolean[] {
  let bare = ""
  let at = 0
  for (const { start, end } of comments) {
    bare += text.slice(at, start) + text.slice(start, end).replaceAll(/[^\n]/g, " ")
    at = end
  }
  return (bare + text.slice(at)).split("\n").map((line) => line.trim() !== "")
}

const nameOf = (node: Node): string => {
  const id = node["id"] ?? node["key"]
  return isNode(id) && typeof id["name"] === "string" ? id["name"] : "(anonymous)"
}

function declaredNames(declaration: Node): string[] {
  const list = declaration["declarations"]
  return Array.isArray(list) ? list.map((item: Node) => nameOf(item)) : [nameOf(declaration)]
}

/** Reads one source file; `path` counts from the root. */
export function readSource(path: string): SourceFile {
  const text = readFileSync(join(root, path), "utf8")
  const { program, comments } = parseSync(path, text)
  const code = codeLines(text, comments)
  const lineOf = (offset: number): number => text.slice(0, offset).split("\n").length
  const documented = (node: Node): boolean =>
    comments.some((c) => c.value.startsWith("*") && c.end <= node.start && text.slice(c.end, node.start).trim() === "")
  const file = { imports: [], functions: [], classes: [], undocumented: [] } as {
    [K in "imports" | "functions" | "classes" | "undocumented"]: SourceFile[K][number][]
  }
  const seen = new Set<string>()
  for (const node of walk(program as unknown as Node)) {
    const source = node["source"]
    if (isNode(source) && typeof source["value"] === "string") {
      const typeOnly = node["importKind"] === "type" || node["exportKind"] === "type"
      file.imports.push({ from: source["value"], typeOnly })
    }
    if (/^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type) && isNode(node["body"])) {
      const [first, last] = [lineOf(node.start), lineOf(node.end)]
      file.functions.push({
        name: nameOf(node),
        line: first,
        lines: code.slice(first - 1, last).filter(Boolean).length,
      })
    }
    if (node.type === "ClassDeclaration") file.classes.push(nameOf(node))
    if (node.type === "ExportNamedDeclaration" && isNode(node["declaration"])) {
      const names = declaredNames(node["declaration"]).filter((name) => !seen.has(name))
      for (const name of names) seen.add(name)
      if (!documented(node)) file.undocumented.push(...names)
    }
  }
  return { path, package: path.split("/")[1]!, lines: code.filter(Boolean).length, ...file }
}

/** The paths of all sources of all packages, sorted: neither tests nor generated data. */
export const sourcePaths = (): string[] =>
  globSync("packages/*/src/**/*.ts", { cwd: root })
    .map((path) => relative(".", path).replaceAll("\\", "/"))
    .filter((path) => !/\.(test|generated)\.ts$/.test(path))
    .toSorted()

/** All sources of all packages. */
export const readSources = (): SourceFile[] => sourcePaths().map(readSource)

/** The rows of the first table in `text` whose head begins with the columns `head`. */
export function readTable(text: string, head: readonly string[]): string[][] {
  const lines = text.split("\n")
  const begin = lines.findIndex((line) => line.startsWith(`| ${head.join(" | ")} |`))
  if (begin < 0) throw new Error(`ARCHITECTURE.md has no table with the head ${head.join(", ")}`)
  const rows: string[][] = []
  for (const line of lines.slice(begin + 2)) {
    if (!line.startsWith("|")) break
    rows.push(
      line
        .slice(1, -1)
        .split("|")
        .map((cell) => cell.trim()),
    )
  }
  return rows
}
