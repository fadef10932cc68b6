/**
 * Calls `work` for every item, at most `limit` at a time and begun in their order; yields the results as they come.
 * The first rejection is thrown once the work in flight has ended; leaving the loop also waits for that.
 */
export async function* inParallel<Item, Result>(
  items: readonly Item[],
  limit: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result, void, void> {
  const running = new Map<number, Promise<{ readonly id: number; readonly result: Result }>>()
  let next = 0
  const start = (): void => {
    const [id, item] = [next, items[next] as Item]
    next++
    running.set(
      id,
      work(item).then((result) => ({ id, result })),
    )
  }
  try {
    for (;;) {
      while (running.size < limit && next < items.length) start()
      if (running.size === 0) return
      const { id, result } = await Promise.race(running.values())
      running.delete(id)
      yield result
    }
  } finally {
    await Promise.allSettled(running.values())
  }
}

/** The results of `work` for every item in the items' order, at most `limit` at a time. */
export async function mapParallel<Item, Result>(
  items: readonly Item[],
  limit: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  const indexed = items.map((item, index) => ({ item, index }))
  const calls = inParallel(indexed, limit, async ({ item, index }) => ({ index, result: await work(item) }))
  for await (const { index, result } of calls) results[index] = result
  return results
}
