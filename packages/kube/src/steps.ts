/**
 * Long work that reports: `await` it for the result, `yield*` it inside another generator for progress and result,
 * `for await` it for progress alone. Lazy: nothing runs until one of these begins, it runs at most once, and it never
 * rejects unobserved. Leaving a loop early (or `return()`) runs the work's `finally` blocks.
 */
export interface Steps<Event, Result> extends AsyncGenerator<Event, Result, void>, PromiseLike<Result> {}

/**
 * Makes `Steps` of an async generator function. The function is called at the first `next()` or `then()`.
 * Awaiting after a complete iteration gives the same result; awaiting after a partial one runs the rest.
 *
 * @example
 * const count = steps(async function* () { yield "one"; yield "two"; return 2 })
 * await count   // 2
 */
export function steps<Event, Result>(body: () => AsyncGenerator<Event, Result, void>): Steps<Event, Result> {
  let running: AsyncGenerator<Event, Result, void> | undefined
  let outcome: Promise<Result> | undefined
  const generator = (): AsyncGenerator<Event, Result, void> => (running ??= body())
  const settle = (step: IteratorResult<Event, Result>): IteratorResult<Event, Result> => {
    if (step.done) outcome ??= Promise.resolve(step.value)
    return step
  }
  const self: Steps<Event, Result> = {
    next: async () => settle(await generator().next()),
    return: async (value) => generator().return(await value),
    throw: async (error) => settle(await generator().throw(error)),
    [Symbol.asyncIterator]: () => self,
    [Symbol.asyncDispose]: async () => {
      if (running) await running.return(undefined as Result)
    },
    then: (onResult, onError) => (outcome ??= drain(generator())).then(onResult, onError),
  }
  return self
}

async function drain<Event, Result>(generator: AsyncGenerator<Event, Result, void>): Promise<Result> {
  for (;;) {
    const step = await generator.next()
    if (step.done) return step.value
  }
}

/**
 * Runs `work` to its end, hands every event to `onEvent` and resolves with the result.
 *
 * @example
 * const report = await finish(apply(cluster, changes, { inventory }), (event) => console.log(event.type))
 */
export async function finish<Event, Result>(
  work: AsyncGenerator<Event, Result, void>,
  onEvent: (event: Event) => void = () => undefined,
): Promise<Result> {
  for (;;) {
    const step = await work.next()
    if (step.done) return step.value
    onEvent(step.value)
  }
}

/** What `collect` resolves with. */
export interface Collected<Event, Result> {
  readonly events: readonly Event[]
  readonly result: Result
}

/**
 * Runs `work` to its end and resolves with all events and the result: made for tests.
 *
 * @example
 * const { events, result } = await collect(apply(cluster, changes, { inventory }))
 */
export async function collect<Event, Result>(
  work: AsyncGenerator<Event, Result, void>,
): Promise<Collected<Event, Result>> {
  const events: Event[] = []
  const result = await finish(work, (event) => events.push(event))
  return { events, result }
}
