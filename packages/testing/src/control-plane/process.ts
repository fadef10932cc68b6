import { spawn, type ChildProcess } from "node:child_process"
import { once } from "node:events"
import { closeSync, openSync, readFileSync } from "node:fs"
import { basename } from "node:path"
import { systemClock } from "@gitops-toolkit/kube"
import { TestingError } from "../error.ts"

/** A running program of the control plane. */
export interface Program {
  readonly name: string
  /** The end of what it printed. */
  log(): string
  /** True once it has ended. */
  ended(): boolean
  /** SIGTERM to its process group, SIGKILL after the time-out; resolves when it is gone. */
  stop(timeoutMs: number): Promise<void>
}

/** How a program is started. */
export interface ProgramOptions {
  readonly path: string
  readonly args: readonly string[]
  /** What it leaves behind there goes with it when we are killed. */
  readonly directory: string
  /** Where its output goes; undefined: to ours. */
  readonly logPath: string | undefined
}

/**
 * Starts a program in a process group of its own. It ends with this process however that ends: by an exit hook, and
 * by a watchdog whose standard input closes when we are killed.
 */
export function startProgram({ path, args, directory, logPath }: ProgramOptions): Program {
  const output = logPath === undefined ? "inherit" : openSync(logPath, "w")
  const child = spawn(path, args, { detached: true, stdio: ["ignore", output, output] })
  if (typeof output === "number") closeSync(output)
  let failure: Error | undefined
  child.once("error", (error) => (failure = error))
  const ended = (): boolean => failure !== undefined || child.exitCode !== null || child.signalCode !== null
  const killNow = (): void => killGroup(child, "SIGKILL")
  process.once("exit", killNow)
  const watchdog = startWatchdog(child, directory)
  child.once("exit", () => {
    process.off("exit", killNow)
    watchdog?.kill("SIGKILL")
  })
  child.unref()
  return {
    name: basename(path),
    log: () => failure?.message ?? (logPath === undefined ? "" : tailOf(logPath)),
    ended,
    async stop(timeoutMs) {
      if (ended()) return
      const gone = once(child, "exit")
      child.ref()
      killGroup(child, "SIGTERM")
      const patience = new AbortController()
      const late = systemClock.sleep(timeoutMs, { signal: patience.signal }).then(killNow, () => undefined)
      await gone
      patience.abort()
      await late
    },
  }
}

function startWatchdog(child: ChildProcess, directory: string): ChildProcess | undefined {
  if (child.pid === undefined) return undefined
  const script = 'cat > /dev/null; kill -s KILL -- "-$0" 2> /dev/null; sleep 1; rm -rf -- "$1"'
  const watchdog = spawn("/bin/sh", ["-c", script, String(child.pid), directory], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  })
  // Without a shell the exit hook is all there is.
  watchdog.once("error", () => undefined)
  watchdog.unref()
  const input = watchdog.stdin as unknown as { unref?(): void; on(event: "error", listener: () => void): void }
  input.on("error", () => undefined)
  input.unref?.()
  return watchdog
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, signal)
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== "ESRCH") throw error
  }
}

function tailOf(path: string): string {
  const text = readFileSync(path, "utf8")
  return text.slice(-2000).split("\n").slice(-8).join("\n").trim()
}

/** Options of `untilReady`. */
export interface ReadyOptions {
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
}

/**
 * Asks every 100 ms until `isReady` says so. Throws `StartFailed` with the program's last words when it ends or the
 * time is up.
 */
export async function untilReady(
  program: Program,
  isReady: () => Promise<boolean>,
  options: ReadyOptions,
): Promise<void> {
  const { timeoutMs, signal } = options
  const end = systemClock.now() + timeoutMs
  while (!(await isReady())) {
    if (program.ended()) throw new TestingError("StartFailed", `${program.name} ended:\n${program.log()}`)
    if (systemClock.now() > end) {
      throw new TestingError("StartFailed", `${program.name} was not ready after ${timeoutMs} ms:\n${program.log()}`)
    }
    await systemClock.sleep(100, { signal })
  }
}
