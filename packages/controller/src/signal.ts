/** Options of `shutdownSignal`. */
export interface ShutdownOptions {
  /** Default SIGINT and SIGTERM. */
  readonly signals?: readonly NodeJS.Signals[]
}

/**
 * A signal that aborts when the process is asked to end. Being asked again ends it at once, with the exit code that
 * shells expect (130 for Ctrl-C, 143 for SIGTERM). Listening does not keep the process alive.
 *
 * @example
 * await run({ cluster, controllers, signal: shutdownSignal() })
 */
export function shutdownSignal({ signals = ["SIGINT", "SIGTERM"] }: ShutdownOptions = {}): AbortSignal {
  const controller = new AbortController()
  for (const name of signals) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(exitCodes[name] ?? 1)
      controller.abort(new DOMException(`asked to end by ${name}`, "AbortError"))
    })
  }
  return controller.signal
}

const exitCodes: { readonly [signal: string]: number } = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }
