// How the demo speaks: one line a happening, columns that align, colour where the terminal has it.
import { styleText } from "node:util"
import { formatRef, redactText, type ObjectRef } from "@gitops-toolkit/kube"

type Style = Parameters<typeof styleText>[0]

/** A line of the story. */
export interface Line {
  readonly subject?: string | ObjectRef
  readonly action: string
  readonly style?: Style
}

/** Prints the story and keeps the time. */
export interface Narrator {
  /** Begins a phase: its name stands before every following line. */
  begin(phase: string, text: string): void
  tell(line: Line): void
  /** Prints a text as it is, indented. */
  quote(text: string): void
  readonly elapsedMs: () => number
}

/** A narrator that writes lines with `write`. */
export function createNarrator(write: (line: string) => void): Narrator {
  const start = performance.now()
  let phase = ""
  const elapsedMs = (): number => performance.now() - start
  return {
    elapsedMs,
    begin(name, text) {
      phase = name
      write("")
      write(styleText("bold", `${name}: ${text}`))
    },
    tell({ subject = "", action, style = "reset" }) {
      const name = typeof subject === "string" ? subject : formatRef(subject)
      const time = `${(elapsedMs() / 1000).toFixed(2)}s`.padStart(7)
      write(
        `${styleText("dim", time)}  ${phase.padEnd(8)}  ${name.padEnd(46)}  ${styleText(style, redactText(action))}`,
      )
    },
    quote(text) {
      for (const line of text.trimEnd().split("\n")) write(`${" ".repeat(9)}${styleText("yellow", line)}`)
    },
  }
}
