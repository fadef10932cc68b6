import { parseYamlDocuments } from "@gitops-toolkit/kube/manifest"
import type { YamlPath } from "@gitops-toolkit/kube/manifest"
import { printBuild } from "@gitops-toolkit/kustomize"
import type { Build, FieldOrigin, Origin } from "@gitops-toolkit/kustomize"
import type { KubeObject } from "@gitops-toolkit/kube"
import type { Terminal } from "../terminal.ts"
import { shownPath } from "./report.ts"

/** Longer lines have their comment right behind them, so that they do not push away those of all others. */
const widest = 64

/** The objects as YAML, with a comment on every field: the file and line that set it, and by means of what. */
export function printFieldOrigins({ objects, origins }: Build, terminal: Terminal): string {
  return objects.map((object, index) => annotate(object, origins[index] ?? {}, terminal)).join("---\n")
}

function annotate(object: KubeObject, { fields = {}, removed = {} }: Origin, terminal: Terminal): string {
  const text = printBuild({ objects: [object] })
  const lines = text.split("\n").slice(0, -1)
  const [document] = parseYamlDocuments(text)
  const starts = new Map<number, string | undefined>()
  for (const [pointer, origin] of Object.entries(fields)) {
    const path = pathOf(object, pointer)
    for (let length = 1; length <= path.length; length++) {
      const { line } = document?.positionOf(path.slice(0, length)) ?? {}
      if (line !== undefined) starts.set(line, length < path.length ? starts.get(line) : show(origin, terminal))
    }
  }
  const comments = placeComments(lines, starts)
  const widths = [...comments.keys()].map((index) => lines[index]!.length).filter((width) => width <= widest)
  const column = Math.max(0, ...widths)
  const annotated = lines.map((line, index) => {
    const comment = comments.get(index)
    return comment === undefined ? `${line}\n` : `${line.padEnd(column)}  # ${comment}\n`
  })
  const gone = Object.entries(removed).map(([pointer, origin]) => `# without ${pointer}: ${show(origin, terminal)}\n`)
  return [...annotated, ...gone].join("")
}

/**
 * Where the comments go, by index of the line. `starts` has every line on which something begins, with the comment of
 * the field that does. Behind a text that goes over several lines the comment stands on the last, but for blocks.
 */
function placeComments(
  lines: readonly string[],
  starts: ReadonlyMap<number, string | undefined>,
): ReadonlyMap<number, string> {
  const ordered = [...starts].toSorted(([a], [b]) => a - b)
  const placed = new Map<number, string>()
  for (const [index, [line, comment]] of ordered.entries()) {
    const [next] = ordered[index + 1] ?? [lines.length + 1]
    let start = line - 1
    // A long key has lines of its own, before that of the colon.
    if (/^ *(?:- )*\? /.test(lines[start]!)) while (start < next - 2 && !/^ *: /.test(lines[start]!)) start++
    const isBlock = /(?:: |- )[|>][-+0-9]*$/.test(lines[start]!)
    if (comment !== undefined) placed.set(isBlock ? start : next - 2, comment)
  }
  return placed
}

function show({ path, line, transformer }: FieldOrigin, terminal: Terminal): string {
  const place = path === undefined ? "(option)" : shownPath(terminal, path) + (line === undefined ? "" : `:${line}`)
  return transformer === undefined ? place : `${place} ${transformer}`
}

/** The way to a field; in lists it is made of indices. */
function pathOf(object: unknown, pointer: string): YamlPath {
  let value = object
  return pointer
    .split("/")
    .slice(1)
    .map((step) => {
      const name = step.replaceAll("~1", "/").replaceAll("~0", "~")
      const key = Array.isArray(value) ? Number(name) : name
      value = (value as { readonly [key: string | number]: unknown })[key]
      return key
    })
}
