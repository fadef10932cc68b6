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
    out: (text) => writeAll(1, text),
    err: (text) => writeAll(2, text),
    // Asked only when something is printed there: setting up stderr takes longer than a small build.
    get colors() {
      const { NO_COLOR, FORCE_COLOR } = process.env
      return FORCE_COLOR ? FORCE_COLOR !== "0" : !NO_COLOR && process.stderr.isTTY
    },
    folder: process.cwd(),
  }
}

/** Writes at once, without the streams of `process`; a pipe that is full is left to them. */
function writeAll(descriptor: 1 | 2, text: string): void {
  let rest = Buffer.from(text)
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest))
    } catch (error) {
      if (!(error instanceof Error) || !("code" in error)) throw error
      if (error.code === "EPIPE") return
      if (error.code !== "EAGAIN") throw error
      const stream = descriptor === 1 ? process.stdout : process.stderr
      stream.write(rest)
      return
    }
  }
}

const codes = { red: 31, yellow: 33, blue: 34, cyan: 36, bold: 1, dim: 2 } as const

/** A text in a colour, where colours are on. */
export function paint({ colors }: Terminal, color: keyof typeof codes, text: string): string {
  return colors ? `\u001B[${codes[color]}m${text}\u001B[0m` : text
}
