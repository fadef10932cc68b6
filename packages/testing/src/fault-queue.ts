/** What every planned fault has, whichever server it is for. */
export interface Planned<Fault> {
  readonly fault: Fault
  readonly times?: number
  readonly after?: number
}

/** The faults that are planned, in order, and what takes the one that is due. */
export interface FaultQueue<Fault, Plan extends Planned<Fault>> {
  /** Plans a fault; returns what takes it back. */
  add(plan: Plan): () => void
  /** Takes all of them back. */
  clear(): void
  /** True when none is planned. */
  isEmpty(): boolean
  /** Takes the first fault that fits and is due: those that fit go through `after` times, then are hit `times` times. */
  take(fits: (plan: Plan) => boolean): Fault | undefined
}

interface Entry<Plan> {
  readonly plan: Plan
  skip: number
  left: number
}

/** An empty queue of faults: what the faults of the cluster and of the git server are kept in. */
export function createFaultQueue<Fault, Plan extends Planned<Fault>>(): FaultQueue<Fault, Plan> {
  let entries: Entry<Plan>[] = []
  const drop = (entry: Entry<Plan>): void => void (entries = entries.filter((each) => each !== entry))
  return {
    add(plan) {
      const entry = { plan, skip: plan.after ?? 0, left: plan.times ?? 1 }
      entries = [...entries, entry]
      return () => drop(entry)
    },
    clear: () => void (entries = []),
    isEmpty: () => entries.length === 0,
    take(fits) {
      for (const entry of entries) {
        if (!fits(entry.plan)) continue
        if (entry.skip > 0) {
          entry.skip--
          continue
        }
        entry.left--
        if (entry.left <= 0) drop(entry)
        return entry.plan.fault
      }
      return undefined
    },
  }
}
