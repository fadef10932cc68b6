import { watch } from "node:fs"
import type { FSWatcher } from "node:fs"
import { dirname } from "node:path"
import { paint } from "../terminal.ts"
import type { Terminal } from "../terminal.ts"

/** How long changes are gathered before the next build, in milliseconds: editors write a file in several steps. */
const settleMs = 50

/** Builds, and again whenever something changes in a folder that was read. Ends when the process is interrupted. */
export async function watchBuild(
  buildOnce: (seen: Set<string>) => Promise<number>,
  terminal: Terminal,
): Promise<number> {
  const changes = createChanges()
  let code = 0
  do {
    const seen = new Set<string>()
    const started = performance.now()
    code = await buildOnce(seen)
    const verdict = code === 0 ? "built" : "failed"
    terminal.err(`${paint(terminal, "cyan", "watch")}: ${verdict} in ${Math.round(performance.now() - started)} ms\n`)
    changes.follow(seen)
  } while (await changes.next())
  changes.close()
  return code
}

interface Changes {
  /** Also watches the folders of these files. */
  follow(files: ReadonlySet<string>): void
  /** True after the next change, false when the process is interrupted. */
  next(): Promise<boolean>
  close(): void
}

function createChanges(): Changes {
  const watchers = new Map<string, FSWatcher>()
  let pending = false
  let wake: ((changed: boolean) => void) | undefined
  const onChange = (): void => {
    pending = true
    setTimeout(() => wake?.(true), settleMs)
  }
  const interrupt = (): void => wake?.(false)
  process.on("SIGINT", interrupt)
  return {
    follow(files) {
      for (const folder of new Set([...files].map((file) => dirname(file)))) {
        if (!watchers.has(folder)) watchers.set(folder, watch(folder, onChange))
      }
    },
    async next() {
      const changed = pending || (await new Promise<boolean>((resolve) => (wake = resolve)))
      pending = false
      wake = undefined
      return changed
    },
    close() {
      process.removeListener("SIGINT", interrupt)
      for (const watcher of watchers.values()) watcher.close()
    },
  }
}
