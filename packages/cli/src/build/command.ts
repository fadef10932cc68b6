import { statSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { build, printBuild } from "@gitops-toolkit/kustomize"
import type { Build } from "@gitops-toolkit/kustomize"
import type { Terminal } from "../terminal.ts"
import { optimizeLate } from "./compilers.ts"
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
  const files = diskFiles(folder, flags.watch ? undefined : optimizeLate)
  try {
    const result = await build(files, pathOnDisk(folder), {
      loadRestrictions: flags.unrestricted ? "none" : "rootOnly",
      order: flags.order,
      managedByLabel: flags.managedByLabel,
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

async function write(result: Build, flags: BuildFlags, terminal: Terminal): Promise<void> {
  if (flags.origins) {
    const { printOrigins } = await import("./origins.ts")
    terminal.out(printOrigins(result, terminal))
    return
  }
  if (flags.output === undefined) return terminal.out(printBuild(result))
  const path = resolve(terminal.folder, flags.output)
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return writeFileSync(path, printBuild(result))
  const { fileNames } = await import("./file-names.ts")
  for (const [name, object] of fileNames(result.objects))
    writeFileSync(join(path, name), printBuild({ objects: [object] }))
}
