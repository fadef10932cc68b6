/** How urgent a key is: urgent ones overtake the others. */
export type Urgency = "high" | "low"

/** Keys that wait, each once, first come first served within an urgency. */
export interface Lanes {
  /** Adds the key; one that waits already can only become more urgent. */
  add(key: string, urgency: Urgency): void
  /** Takes the next key out. */
  take(): string | undefined
  readonly size: number
}

/** Empty lanes. */
export function createLanes(): Lanes {
  const high = new Set<string>()
  const low = new Set<string>()
  return {
    add(key, urgency) {
      if (urgency === "high") low.delete(key)
      if (urgency === "high") high.add(key)
      else if (!high.has(key)) low.add(key)
    },
    take() {
      for (const lane of [high, low]) {
        for (const key of lane) {
          lane.delete(key)
          return key
        }
      }
      return undefined
    },
    get size() {
      return high.size + low.size
    },
  }
}
