/** `work`, or a rejection with the signal's reason when it aborts first. The work itself goes on: others share it. */
export function abortable<Result>(work: Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
  if (!signal) return work
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error)
    // Always listened to, so that a failure of shared work never goes unobserved.
    void work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop))
    if (signal.aborted) stop()
    else signal.addEventListener("abort", stop, { once: true })
  })
}
