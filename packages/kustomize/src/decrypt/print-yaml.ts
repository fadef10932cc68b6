import { printYamlTree } from "@gitops-toolkit/kube/manifest"
import type { YamlTree } from "@gitops-toolkit/kube/manifest"

// go-yaml v3's own layout, which SOPS uses (kustomize's differs): four blanks a level, lists deeper than their key.
const step = 4

const pad = (indent: number): string => " ".repeat(indent)

/** The next level: the next multiple of four, also from inside a list, whose members are two blanks deeper. */
const deeper = (indent: number): number => step * Math.floor((indent + step) / step)

const isBlock = ({ kind, style, items }: YamlTree): boolean =>
  (kind === "map" || kind === "list") && style !== "flow" && items.length > 0

/** Writes a document as SOPS writes what it decrypts, so that a generator's file has the same bytes. Comments stand above. */
export function printSopsYaml(tree: YamlTree): string {
  const body = isBlock(tree) ? printBlock(tree, 0) : `${printInline(tree, 0)}\n`
  return comment(tree.head, 0) + body + comment(tree.foot, 0)
}

const comment = (text: string | undefined, indent: number): string =>
  (text ?? "")
    .split("\n")
    .map((line) => (line === "" ? "" : `${pad(indent)}${line}\n`))
    .join("")

function printBlock(tree: YamlTree, indent: number): string {
  let out = ""
  if (tree.kind === "list") for (const item of tree.items) out += printItem(item, indent)
  else
    for (let index = 0; index < tree.items.length; index += 2) {
      out += printEntry(tree.items[index]!, tree.items[index + 1]!, indent)
    }
  return out
}

function printEntry(key: YamlTree, value: YamlTree, indent: number): string {
  // A comment behind a collection's key stands above its first member, as does one above the collection itself.
  const [above, inside] = isBlock(value)
    ? [comment(key.head, indent), comment(key.line, deeper(indent)) + comment(value.head, deeper(indent))]
    : [
        comment(key.head, indent) +
          comment(key.line, indent) +
          comment(value.head, indent) +
          comment(value.line, indent),
        "",
      ]
  const head = `${above}${pad(indent)}${printInline(key, indent)}:`
  if (!isBlock(value)) return `${head} ${printInline(value, indent)}\n${comment(value.foot, indent)}`
  return `${head}\n${inside}${printBlock(value, deeper(indent))}${comment(value.foot, deeper(indent))}`
}

function printItem(item: YamlTree, indent: number): string {
  const above = comment(item.head, indent) + comment(item.line, indent)
  if (!isBlock(item))
    return `${above}${pad(indent)}- ${printInline(item, indent, indent + 2)}\n${comment(item.foot, indent)}`
  const inside = printBlock(item, indent + 2)
  // Comments of the first member move above the dash.
  const [, comments = "", rest = ""] = /^((?: *#[^\n]*\n)*)([^]*)$/.exec(inside) ?? []
  const moved = comments.replace(/^ +/gm, pad(indent))
  return `${above}${moved}${pad(indent)}- ${rest.slice(indent + 2)}${comment(item.foot, indent + 2)}`
}

/** A scalar or a collection in brackets; the lines of a text in a block are indented. */
function printInline(tree: YamlTree, indent: number, inner = deeper(indent)): string {
  const { head: _head, line: _line, foot: _foot, ...bare } = tree
  const text = printYamlTree(bare).slice(0, -1)
  if (tree.style !== "literal" && tree.style !== "folded") return text
  const [first = "", ...lines] = text.split("\n")
  if (!/^[|>]/.test(first)) return text
  // Where the text itself begins with blanks the indicator tells how deep a level is.
  const indicator = first.replace("2", String(step))
  return [indicator, ...lines.map((line) => (line === "" ? "" : pad(inner) + line.slice(2)))].join("\n")
}
