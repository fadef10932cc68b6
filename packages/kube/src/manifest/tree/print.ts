import { foldText, needsQuotes, printDoubleQuoted, printSingleQuoted, singleAllowed } from "./scalar.ts"
import { tagOfPlain } from "./read.ts"
import type { YamlTree } from "./node.ts"

/**
 * Writes a tree as go-yaml v3 does with kustomize's settings: two blanks of indent, lists in the column of their key,
 * no long lines folded. A value that does not fit its tag gets the tag written out.
 *
 * @example
 * printYamlTree(readYamlTree("a:   1   # one\n")!)   // "a: 1 # one\n"
 */
export function printYamlTree(tree: YamlTree): string {
  const head = tree.head === undefined ? "" : `${tree.head}\n\n`
  const foot = tree.foot === undefined ? "" : `\n${tree.foot}\n`
  const body = isInline(tree) ? `${inline(tree, 0)}\n` : block(tree, 0)
  return head + body + foot
}

const pad = (indent: number): string => " ".repeat(indent)

const isInline = (tree: YamlTree): boolean =>
  tree.kind === "scalar" || tree.kind === "alias" || tree.style === "flow" || tree.items.length === 0

/** The lines of a block collection; the first one is indented too. */
function block(tree: YamlTree, indent: number): string {
  return tree.kind === "map" ? blockMap(tree, indent) : blockList(tree, indent)
}

function commentAbove(tree: YamlTree, indent: number): string {
  if (tree.head === undefined) return ""
  return tree.head
    .split("\n")
    .map((line) => (line === "" ? "\n" : `${pad(indent)}${line}\n`))
    .join("")
}

const commentBehind = (comment: string | undefined): string => (comment === undefined ? "" : ` ${comment}`)

function blockMap(tree: YamlTree, indent: number): string {
  let out = ""
  for (let i = 0; i < tree.items.length; i += 2) {
    const key = tree.items[i]!
    const value = tree.items[i + 1]!
    out += commentAbove(key, indent) + pad(indent) + printKey(key) + entryValue(key, value, indent)
  }
  return out
}

const printKey = (key: YamlTree): string => `${prefixOf(key)}${scalarText(key, 0, false)}:`

function entryValue(key: YamlTree, value: YamlTree, indent: number): string {
  if (!isInline(value)) {
    const deeper = value.kind === "list" ? indent : indent + 2
    return (
      ` ${prefixOf(value)}`.trimEnd() + `${commentBehind(key.line)}\n` + block(value, deeper) + footOf(value, deeper)
    )
  }
  const text = inline(value, indent)
  return `${text === "" ? "" : ` ${text}`}${commentBehind(value.line ?? key.line)}\n${footOf(value, indent)}`
}

function footOf(tree: YamlTree, indent: number): string {
  return tree.foot === undefined ? "" : `\n${tree.foot.replace(/^(?=#)/gm, pad(indent))}\n`
}

function blockList(tree: YamlTree, indent: number): string {
  let out = ""
  for (const item of tree.items) {
    out += `${commentAbove(item, indent)}${pad(indent)}-`
    if (isInline(item)) {
      const text = inline(item, indent)
      out += `${text === "" ? "" : ` ${text}`}${commentBehind(item.line)}\n${footOf(item, indent)}`
    } else {
      const prefix = prefixOf(item)
      const body = block(item, indent + 2)
      out += prefix === "" ? ` ${body.slice(indent + 2)}` : ` ${prefix.trimEnd()}\n${body}`
      out += footOf(item, indent + 2)
    }
  }
  return out
}

/** Anchor and tag as they stand before a node, with a blank at the end. */
function prefixOf(tree: YamlTree): string {
  const anchor = tree.anchor === undefined ? "" : `&${tree.anchor} `
  return `${anchor}${tree.tagged ? `${tree.tag} ` : ""}`
}

/** A node on the line of its key; block scalars bring their lines with them. */
function inline(tree: YamlTree, indent: number): string {
  if (tree.kind === "alias") return `*${tree.value}`
  if (tree.kind === "scalar") return prefixOf(tree) + tagNeeded(tree) + scalarText(tree, indent, false)
  return prefixOf(tree) + flow(tree, indent)
}

function flow(tree: YamlTree, indent: number): string {
  if (tree.kind === "alias") return `*${tree.value}`
  if (tree.kind === "scalar") return prefixOf(tree) + tagNeeded(tree) + scalarText(tree, indent, true)
  const parts: string[] = []
  if (tree.kind === "list") parts.push(...tree.items.map((item) => flow(item, indent)))
  else {
    for (let i = 0; i < tree.items.length; i += 2) {
      parts.push(`${flow(tree.items[i]!, indent)}: ${flow(tree.items[i + 1]!, indent)}`.trimEnd())
    }
  }
  return tree.kind === "list" ? `[${parts.join(", ")}]` : `{${parts.join(", ")}}`
}

const isQuoted = ({ style }: YamlTree): boolean => style !== "plain"

function tagNeeded(tree: YamlTree): string {
  if (tree.tagged || tree.tag === "" || tree.tag === "!!str" || isQuoted(tree)) return ""
  return tagOfPlain(tree.value) === tree.tag ? "" : `${tree.tag} `
}

function scalarText(tree: YamlTree, indent: number, inFlow: boolean): string {
  const { value, style } = tree
  const breaks = value.includes("\n")
  const mustQuote = tree.tag === "!!str" && !tree.tagged && style === "plain" && tagOfPlain(value) !== "!!str"
  if (!inFlow && (style === "literal" || style === "folded" || (style === "plain" && breaks)) && blockAllowed(value)) {
    return printBlock(value, indent + 2, style === "folded")
  }
  if (style === "double" || mustQuote || ((style === "literal" || style === "folded") && !singleAllowed(value))) {
    return printDoubleQuoted(value)
  }
  if (style === "single" || style === "literal" || style === "folded") {
    return singleAllowed(value) ? printSingleQuoted(value, indent + 2) : printDoubleQuoted(value)
  }
  if (value === "") return inFlow ? "''" : ""
  if (!breaks && !needsQuotes(value, inFlow)) return value
  return singleAllowed(value) ? printSingleQuoted(value, indent + 2) : printDoubleQuoted(value)
}

const blockAllowed = (value: string): boolean => !/ \n| $|[\0-\t\v-\x1f\x7f\ufeff]/.test(value) && value !== ""

function printBlock(value: string, indent: number, folded: boolean): string {
  const hint = /^[ \n]/.test(value) ? "2" : ""
  const chomp = !value.endsWith("\n") ? "-" : value === "\n" || value.endsWith("\n\n") ? "+" : ""
  const body = folded ? foldText(value) : value
  const lines = (body.endsWith("\n") ? body.slice(0, -1) : body).split("\n")
  return `${folded ? ">" : "|"}${hint}${chomp}\n${lines.map((line) => (line === "" ? "" : pad(indent) + line)).join("\n")}`
}
