import { statSync, watch } from "node:fs"
import type { FSWatcher } from "node:fs"
import { dirname } from "node:path"
import { paint } from "../terminal.ts"
import type { Terminal } from "../terminal.ts"

/** How long changes are gathered before the next build, in milliseconds: editors write a file in several steps. */
const settleMs = 50

/** By how much the time of a file may lag behind the clock. */
const lagMs = 10

/** Builds, and again whenever something changes in a folder that was read. Ends when the process is interrupted. */
export async function watchBuild(
  buildOnce: (seen: Set<string>) => Promise<number>,
  terminal: Terminal,
): Promise<number> {
  const changes = createChanges()
  let code = 0
  do {
    const seen = new Set<string>()
    const [started, startedAt] = [performance.now(), Date.now()]
    code = await buildOnce(seen)
    changes.follow(seen, startedAt)
    const verdict = code === 0 ? "built" : "failed"
    terminal.err(`${paint(terminal, "cyan", "watch")}: ${verdict} in ${Math.round(performance.now() - started)} ms\n`)
  } while (await changes.next())
  changes.close()
  return code
}

interface Changes {
  /** Also watches the folders of these files. What has changed since a time, before they were watched, counts. */
  follow(files: ReadonlySet<string>, sinceMs: number): void
  /** True after the next change, false when the process is interrupted. */
  next(): Promise<boolean>
  close(): void
}

function createChanges(): Changes {
  const watchers = new Map<string, FSWatcher>()
  let pending = false
  let interrupted = false
  let wake: () => void = () => undefined
  const onChange = (): void => {
    pending = true
    setTimeout(() => wake(), settleMs)
  }
  const interrupt = (): void => {
    interrupted = true
    wake()
  }
  // A folder that is gone cannot be watched any more; what was in it is read again, and its folder watched again.
  const follow = (folder: string): FSWatcher =>
    watch(folder, onChange).on("error", () => {
      watchers.get(folder)?.close()
      watchers.delete(folder)
      onChange()
    })
  process.on("SIGINT", interrupt)
  return {
    follow(files, sinceMs) {
      for (const folder of new Set([...files].map((file) => dirname(file))))
        if (!watchers.has(folder)) watchers.set(folder, follow(folder))
      pending ||= [...files].some((file) => changedSince(file, sinceMs - lagMs))
    },
    async next() {
      if (!pending && !interrupted) await new Promise<void>((resolve) => (wake = resolve))
      pending = false
      return !interrupted
    },
    close() {
      process.removeListener("SIGINT", interrupt)
      for (const watcher of watchers.values()) watcher.close()
    },
  }
}

function changedSince(file: string, timeMs: number): boolean {
  const found = statSync(file, { throwIfNoEntry: false })
  // A time in the future, as archives bring it, is no change.
  return found === undefined || (found.mtimeMs > timeMs && found.mtimeMs <= Date.now() + lagMs)
}
