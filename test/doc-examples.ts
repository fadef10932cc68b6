// Reads the examples in the docstrings of exported declarations and makes modules of them that can be type-checked and run.
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { parseSync } from "oxc-parser"
import { isNode, root, walk, type Node } from "./source-files.ts"

/** One `@example` of a docstring. */
export interface DocExample {
  /** `path:line` of the docstring, from the root. */
  readonly place: string
  readonly path: string
  readonly code: string
}

/** A value that a source file exports. */
export interface ExportedValue {
  readonly path: string
  readonly name: string
  readonly hasExample: boolean
}

/** An example as a module that exports `example`; `stated` counts the statements whose comment states their value. */
export interface ExampleModule {
  readonly text: string
  readonly stated: number
}

function exampleOf(comment: string): string | undefined {
  const [, after] = comment.replaceAll(/^[ \t]*\* ?/gm, "").split(/^@example\b/m)
  return after?.split(/^@\w+/m)[0]!.trimEnd()
}

function namesOf(declaration: Node): string[] {
  const list = (declaration["declarations"] ?? [declaration]) as Node[]
  return list.map((item) => (item["id"] as { name: string }).name)
}

/** The examples of one source file and the values it exports; `path` counts from the root. */
export function readExamples(path: string): { examples: DocExample[]; values: ExportedValue[] } {
  const text = readFileSync(join(root, path), "utf8")
  const { program, comments } = parseSync(path, text)
  const docs = comments.filter((comment) => comment.value.startsWith("*"))
  const examples = docs.flatMap((doc) => {
    const code = exampleOf(doc.value)
    const place = `${path}:${text.slice(0, doc.start).split("\n").length}`
    return code === undefined ? [] : [{ place, path, code }]
  })
  const values = (program.body as unknown as Node[]).flatMap((node) => {
    const declaration = node["declaration"]
    if (node.type !== "ExportNamedDeclaration" || node["exportKind"] === "type" || !isNode(declaration)) return []
    const doc = docs.findLast((c) => c.end <= node.start && text.slice(c.end, node.start).trim() === "")
    const hasExample = doc !== undefined && exampleOf(doc.value) !== undefined
    return namesOf(declaration).map((name) => ({ path, name, hasExample }))
  })
  return { examples, values }
}

const literal =
  /^(Program|ExpressionStatement|Literal|Template\w+|ArrayExpression|ObjectExpression|Property|UnaryExpression)$/
const constant = /^(undefined|NaN|Infinity)$/

/** The comment's text as an expression if it states a value; prose gives nothing. */
function valueIn(comment: string): string | undefined {
  const { program, errors } = parseSync("value.ts", `(${comment})`, { preserveParens: false })
  if (errors.length > 0) return undefined
  const keys = new Set<unknown>()
  for (const node of walk(program as unknown as Node)) {
    if (node.type === "Property" && node["shorthand"] === false) keys.add(node["key"])
    if (!literal.test(node.type) && !keys.has(node) && !constant.test(String(node["name"]))) return undefined
  }
  return `(${comment})`
}

function stating(statement: Node, value: string, text: string): string {
  const code = text.slice(statement.start, statement.end)
  const expression = statement["expression"]
  if (isNode(expression)) return `check(await (${text.slice(expression.start, expression.end)}), ${value})`
  return statement.type === "VariableDeclaration" ? `${code}; check(${namesOf(statement).join(", ")}, ${value})` : code
}

function usedNames(program: Node): string[] {
  const used = new Set<string>()
  const declared = new Set<string>()
  for (const node of walk(program)) {
    if (node.type === "Identifier") used.add(node["name"] as string)
    const id = node["id"]
    if (/^(VariableDeclarator|FunctionDeclaration|ClassDeclaration)$/.test(node.type) && isNode(id))
      for (const inner of walk(id)) if (inner.type === "Identifier") declared.add(inner["name"] as string)
  }
  return [...used].filter((name) => !declared.has(name))
}

/**
 * Makes a module of an example: it imports the names that `homes` knows, declares the `free` ones, and gives each value that a
 * comment states beside a statement to `check(found, stated)`.
 */
export function printExample(
  { code }: DocExample,
  { homes, free }: { homes: ReadonlyMap<string, string>; free: readonly string[] },
): ExampleModule {
  const text = `export async function* example(check: (...values: unknown[]) => void) {${code}\n}`
  const { program, comments, errors } = parseSync("example.ts", text)
  if (errors.length > 0) return { text: code, stated: 0 }
  const declaration = (program.body[0] as unknown as Node)["declaration"] as Node
  const statements = (declaration["body"] as Node)["body"] as Node[]
  let [module, stated] = [text, 0]
  for (const [i, statement] of [...statements.entries()].toReversed()) {
    const next = statements[i + 1]?.start ?? text.length
    const notes = comments.filter((c) => c.type === "Line" && c.start >= statement.end && c.end <= next)
    const value = notes.length === 0 ? undefined : valueIn(notes.map((note) => note.value).join("\n"))
    if (value === undefined) continue
    stated++
    module = module.slice(0, statement.start) + stating(statement, value, text) + module.slice(statement.end)
  }
  const imports = usedNames(program as unknown as Node).filter((name) => homes.has(name))
  const head = [
    ...imports.map((name) => `import { ${name} } from ${JSON.stringify(homes.get(name))}`),
    ...free.map((name) => `declare const ${name}: any${/^[A-Z]/.test(name) ? `; type ${name} = any` : ""}`),
  ]
  return { text: `${head.join("\n")}\n${module}\n`, stated }
}
