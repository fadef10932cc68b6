import { ToolkitError, messageOf } from "@gitops-toolkit/kube"
import { relative } from "node:path"
import { paint } from "../terminal.ts"
import type { Terminal } from "../terminal.ts"
import { pathOnDisk } from "./disk-files.ts"

/** A path as people want to read it: from their folder, when it lies below. */
export function shownPath({ folder }: Terminal, path: string): string {
  const short = relative(folder, `/${path}`)
  return short === "" || short.startsWith("..") ? `/${path}` : short
}

/** Prints why a build failed: the message, the place, the lines with a caret. */
export function reportError(terminal: Terminal, error: unknown): void {
  if (!(error instanceof ToolkitError)) {
    terminal.err(`${paint(terminal, "red", "error")}: ${messageOf(error)}\n`)
    return
  }
  const head = paint(terminal, "red", `error[${String(error.code)}]`)
  terminal.err(`${head}: ${paint(terminal, "bold", withShortPaths(terminal, error))}\n`)
  if (error.at !== undefined) {
    const { path, line, column } = error.at
    const place = [shownPath(terminal, path), line, column].filter((part) => part !== undefined).join(":")
    terminal.err(`  ${paint(terminal, "blue", "-->")} ${place}\n`)
  }
  if (error.frame !== undefined) terminal.err(`${colorFrame(terminal, error.frame)}\n`)
}

/** The message with paths from the person's folder: those of the build start at the root of the disk. */
function withShortPaths({ folder }: Terminal, { rawMessage }: ToolkitError): string {
  const root = pathOnDisk(folder)
  if (root === "") return rawMessage
  return rawMessage.replaceAll(`${root}/`, "").replaceAll(`'${root}'`, "'.'")
}

function colorFrame(terminal: Terminal, frame: string): string {
  return frame
    .split("\n")
    .map((line) => {
      if (line.trimEnd().endsWith("^")) return paint(terminal, "red", line)
      return line.startsWith(">") ? line : paint(terminal, "dim", line)
    })
    .join("\n")
}

/** Prints the warnings of a build. */
export function reportWarnings(terminal: Terminal, warnings: readonly string[]): void {
  for (const warning of warnings) terminal.err(`${paint(terminal, "yellow", warning)}\n`)
}
