import { formatRef, refOf } from "@gitops-toolkit/kube"
import type { Build } from "@gitops-toolkit/kustomize"
import type { Terminal } from "../terminal.ts"
import { shownPath } from "./report.ts"

/** One line per object: what it is, and the file and line that it comes from. */
export function printOrigins({ objects, origins }: Build, terminal: Terminal): string {
  const rows = objects.map((object, i): [string, string] => {
    const { path, line } = origins[i] ?? {}
    const place = path === undefined ? "-" : shownPath(terminal, path) + (line === undefined ? "" : `:${line}`)
    return [formatRef(refOf(object)), place]
  })
  const width = rows.reduce((most, [ref]) => Math.max(most, ref.length), 0)
  return rows.map(([ref, place]) => `${ref.padEnd(width)}  ${place}\n`).join("")
}
