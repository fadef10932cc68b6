import { createClock } from "../../testing/src/clock.ts"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { createQueue, type Queue } from "./queue.ts"

/** Takes what is due now, without waiting. */
async function due(queue: Queue): Promise<string[]> {
  const keys: string[] = []
  while (queue.figures.depth > 0) keys.push((await queue.next())!)
  return keys
}

const noJitter = { random: () => 0 }

describe("createQueue", () => {
  test("a key is in it once", async () => {
    const queue = createQueue()
    for (const key of ["a", "b", "a"]) queue.add(key)
    expect(await due(queue)).toEqual(["a", "b"])
  })

  test("a key added while it is worked on comes once more, after done", async () => {
    const queue = createQueue()
    queue.add("a")
    expect(await queue.next()).toBe("a")
    queue.add("a")
    queue.add("a")
    expect(queue.figures).toMatchObject({ depth: 0, active: 1 })
    queue.done("a")
    expect(await due(queue)).toEqual(["a"])
    queue.done("a")
    expect(queue.figures).toMatchObject({ depth: 0, active: 0 })
  })

  test("urgent keys overtake, and urgency is never lost", async () => {
    const queue = createQueue()
    queue.add("slow", "low")
    queue.add("b", "low")
    queue.add("b", "high")
    queue.add("b", "low")
    queue.add("c", "high")
    expect(await due(queue)).toEqual(["b", "c", "slow"])
  })

  test("delayed keys come when their time has come, the earliest delay counting", async () => {
    const clock = createClock()
    const queue = createQueue({ clock })
    queue.addAfter("a", 1000)
    queue.addAfter("a", 300)
    queue.addAfter("a", 700)
    queue.addAfter("b", 200)
    await clock.advance(199)
    expect(await due(queue)).toEqual([])
    await clock.advance(1)
    expect(await due(queue)).toEqual(["b"])
    await clock.advance(100)
    expect(await due(queue)).toEqual(["a"])
    await clock.advance(10_000)
    expect(queue.figures).toMatchObject({ depth: 0, delayed: 0 })
    expect(clock.sleepers).toBe(0)
  })

  test("taking a key forgets its delay", async () => {
    const clock = createClock()
    const queue = createQueue({ clock })
    queue.addAfter("a", 1000)
    queue.add("a")
    await queue.next()
    queue.done("a")
    await clock.advance(2000)
    expect(await due(queue)).toEqual([])
  })

  test("back-off: 5 ms doubling to 1,000 s, until forget", () => {
    const queue = createQueue({ clock: createClock(), ...noJitter })
    const delays = Array.from({ length: 20 }, () => queue.retry("a"))
    expect([delays[0], delays[1], delays[2], delays[17], delays[19]]).toEqual([5, 10, 20, 655_360, 1_000_000])
    expect(queue.failures("a")).toBe(20)
    queue.forget("a")
    expect([queue.retry("a"), queue.retry("b", 3000)]).toEqual([5, 3000])
    queue.close()
  })

  test("close ends every wait and every timer", async () => {
    const clock = createClock()
    const queue = createQueue({ clock })
    const waiting = [queue.next(), queue.next()]
    queue.addAfter("a", 10)
    queue.close()
    queue.add("b")
    queue.addAfter("c", 10)
    expect(await Promise.all([...waiting, queue.next()])).toEqual([undefined, undefined, undefined])
    await clock.advance(20)
    expect(clock.sleepers).toBe(0)
  })

  test("delays longer than a timer can be", async () => {
    const clock = createClock()
    const queue = createQueue({ clock })
    queue.addAfter("a", 5_000_000_000)
    await clock.advance(4_999_999_999)
    expect(queue.figures.depth).toBe(0)
    await clock.advance(1)
    expect(await due(queue)).toEqual(["a"])
  })
})

type Step =
  | { readonly type: "add" | "addAfter" | "retry" | "forget"; readonly key: string; readonly ms: number }
  | { readonly type: "take" }
  | { readonly type: "done"; readonly index: number }
  | { readonly type: "advance"; readonly ms: number }

const key = fc.constantFrom("a", "b", "c", "d")
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    type: fc.constantFrom("add" as const, "addAfter" as const, "retry" as const, "forget" as const),
    key,
    ms: fc.nat(50),
  }),
  fc.record({ type: fc.constant("take" as const) }),
  fc.record({ type: fc.constant("done" as const), index: fc.nat(5) }),
  fc.record({ type: fc.constant("advance" as const), ms: fc.nat(100) }),
)

test("law: no key is ever held twice, and none is lost", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const clock = createClock()
      const queue = createQueue({ clock, random: () => 0.5 })
      const held: string[] = []
      /** Added since it was last taken: must be taken again. */
      const owed = new Set<string>()
      const take = async (): Promise<void> => {
        const taken = (await queue.next())!
        expect(held).not.toContain(taken)
        expect(owed.delete(taken)).toBe(true)
        held.push(taken)
      }
      for (const item of steps) {
        if (item.type === "advance") await clock.advance(item.ms)
        else if (item.type === "take") await (queue.figures.depth > 0 ? take() : undefined)
        else if (item.type === "done") {
          const [finished] = held.splice(item.index % Math.max(1, held.length), 1)
          if (finished !== undefined) queue.done(finished)
        } else if (item.type === "forget") queue.forget(item.key)
        else {
          if (item.type === "add") queue.add(item.key)
          if (item.type === "addAfter") queue.addAfter(item.key, item.ms)
          if (item.type === "retry") queue.retry(item.key)
          owed.add(item.key)
        }
      }
      for (const finished of held.splice(0)) queue.done(finished)
      await clock.advance(2_000_000)
      while (queue.figures.depth > 0) await take()
      expect([...owed]).toEqual([])
    }),
    { numRuns: 200 },
  )
})
