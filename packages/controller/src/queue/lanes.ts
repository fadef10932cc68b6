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
  const high = createLane()
  const low = createLane()
  return {
    add(key, urgency) {
      if (urgency === "low") {
        if (!high.members.has(key)) low.add(key)
        return
      }
      low.members.delete(key)
      high.add(key)
    },
    take: () => high.take() ?? low.take(),
    get size() {
      return high.members.size + low.members.size
    },
  }
}

interface Lane {
  /** What waits; `line` may name keys that have left since. */
  readonly members: Set<string>
  add(key: string): void
  take(): string | undefined
}

// A Set alone would do, but taking its first member costs a walk over all that were taken before.
function createLane(): Lane {
  const members = new Set<string>()
  let line: string[] = []
  let head = 0
  return {
    members,
    add(key) {
      if (members.has(key)) return
      members.add(key)
      line.push(key)
    },
    take() {
      while (head < line.length) {
        const key = line[head++]!
        if (head > 1000 && head * 2 > line.length) {
          line = line.slice(head)
          head = 0
        }
        if (members.delete(key)) return key
      }
      return undefined
    },
  }
}
