import { writeSync } from "node:fs"

/** Where a command writes to, and what it knows of its surroundings. */
export interface Terminal {
  /** What the command is for; resolves once it is handed over. */
  out(text: string): void
  /** Diagnostics. */
  err(text: string): void
  /** Whether diagnostics may be coloured. */
  readonly colors: boolean
  /** The folder that relative paths start from. */
  readonly folder: string
}

/** The terminal of this process. Colours are off when stderr is no terminal or `NO_COLOR` is set. */
export function processTerminal(): Terminal {
  return {
    out: createWriter(
      (bytes) => writeSync(1, bytes),
      () => process.stdout,
    ),
    err: createWriter(
      (bytes) => writeSync(2, bytes),
      () => process.stderr,
    ),
    // Asked only when something is printed there: setting up stderr takes longer than a small build.
    get colors() {
      const { NO_COLOR, FORCE_COLOR } = process.env
      return FORCE_COLOR ? FORCE_COLOR !== "0" : !NO_COLOR && process.stderr.isTTY
    },
    folder: process.cwd(),
  }
}

/** Takes bytes, and tells how many of them it took. */
type Write = (bytes: Uint8Array) => number

/**
 * Writes at once, without the streams of `process`; a pipe that is full is left to them, and all that follows, so that
 * nothing overtakes what they hold back.
 *
 * @example
 * createWriter((bytes) => writeSync(1, bytes), () => process.stdout)("text")
 */
export function createWriter(
  write: Write,
  streamOf: () => { write(bytes: Uint8Array): unknown },
): (text: string) => void {
  let isLeft = false
  return (text) => {
    let rest = Buffer.from(text)
    while (!isLeft && rest.length > 0) {
      try {
        rest = rest.subarray(write(rest))
      } catch (error) {
        if (!(error instanceof Error) || !("code" in error)) throw error
        if (error.code === "EPIPE") return
        if (error.code !== "EAGAIN") throw error
        isLeft = true
      }
    }
    if (rest.length > 0) streamOf().write(rest)
  }
}

const codes = { red: 31, yellow: 33, blue: 34, cyan: 36, bold: 1, dim: 2 } as const

/** A text in a colour, where colours are on. */
export function paint({ colors }: Terminal, color: keyof typeof codes, text: string): string {
  return colors ? `\u001B[${codes[color]}m${text}\u001B[0m` : text
}
