import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { build, printBuild } from "@gitops-toolkit/kustomize"
import type { Build } from "@gitops-toolkit/kustomize"
import type { Terminal } from "../terminal.ts"
import { diskFiles, pathOnDisk } from "./disk-files.ts"
import { buildUsage, parseFlags } from "./flags.ts"
import type { BuildFlags } from "./flags.ts"
import { reportError, reportWarnings } from "./report.ts"

/** `gitops build`: returns the exit code. */
export async function runBuild(args: readonly string[], terminal: Terminal): Promise<number> {
  const flags = parseFlags(args)
  if (typeof flags === "string") {
    terminal.err(`gitops build: ${flags}\n\nRun 'gitops build --help' for the flags.\n`)
    return 2
  }
  if (flags.help) {
    terminal.out(buildUsage)
    return 0
  }
  if (flags.watch) {
    const { watchBuild } = await import("./watch.ts")
    return watchBuild((seen) => buildOnce(flags, terminal, seen), terminal)
  }
  return buildOnce(flags, terminal, new Set())
}

async function buildOnce(flags: BuildFlags, terminal: Terminal, seen: Set<string>): Promise<number> {
  const folder = resolve(terminal.folder, flags.folder)
  const files = diskFiles(folder)
  try {
    const result = await build(files, pathOnDisk(folder), {
      loadRestrictions: flags.unrestricted ? "none" : "rootOnly",
      order: flags.order,
      managedByLabel: flags.managedByLabel,
      origins: flags.origins ?? "objects",
    })
    reportWarnings(terminal, result.warnings)
    await write(result, flags, terminal)
    return 0
  } catch (error) {
    reportError(terminal, error)
    return 1
  } finally {
    for (const path of files.seen) seen.add(path)
  }
}

async function print(result: Build, { origins }: BuildFlags, terminal: Terminal): Promise<string[]> {
  if (origins === undefined) return printInParts(result)
  if (origins === "objects") return [(await import("./origins.ts")).printOrigins(result, terminal)]
  return [(await import("./field-origins.ts")).printFieldOrigins(result, terminal)]
}

/** So many objects are printed at once. The whole in one piece would take a tenth of a large build's memory. */
const partLength = 64

function printInParts({ objects }: Build): string[] {
  const texts: string[] = []
  for (let start = 0; start < objects.length; start += partLength) {
    const text = printBuild({ objects: objects.slice(start, start + partLength) })
    // V8 keeps a text as the pieces it was put together from until somebody looks at a character.
    text.charCodeAt(0)
    texts.push(...(start > 0 ? ["---\n"] : []), text)
  }
  return texts
}

async function write(result: Build, flags: BuildFlags, terminal: Terminal): Promise<void> {
  // Everything is printed before any of it is written.
  const texts = await print(result, flags, terminal)
  if (flags.output === undefined) return texts.forEach((text) => terminal.out(text))
  const path = resolve(terminal.folder, flags.output)
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
  if (!isFolder || flags.origins !== undefined) return save(path, texts.join(""), flags)
  const { fileNames } = await import("./file-names.ts")
  for (const [name, object] of fileNames(result.objects))
    save(join(path, name), printBuild({ objects: [object] }), flags)
}

/** Writes a file; a watch, which may watch its own output, leaves alone what would stay the same. */
function save(path: string, text: string, { watch }: BuildFlags): void {
  if (watch && existsSync(path) && readFileSync(path, "utf8") === text) return
  writeFileSync(path, text)
}
