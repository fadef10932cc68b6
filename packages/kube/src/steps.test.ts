import { describe, expect, test } from "vitest"
import { collect, finish, steps } from "./steps.ts"

const counting = (log: string[]) =>
  steps<string, number>(async function* () {
    log.push("begin")
    try {
      yield "one"
      yield "two"
      return 2
    } finally {
      log.push("end")
    }
  })

describe("Steps", () => {
  test("is lazy: nothing runs before it is used", () => {
    const log: string[] = []
    counting(log)
    expect(log).toEqual([])
  })

  test("awaited it gives the result, and runs once", async () => {
    const log: string[] = []
    const work = counting(log)
    expect([await work, await work]).toEqual([2, 2])
    expect(log).toEqual(["begin", "end"])
  })

  test("yield* gives progress and result", async () => {
    const outer = steps<string, number>(async function* () {
      return (yield* counting([])) + 1
    })
    expect(await collect(outer)).toEqual({ events: ["one", "two"], result: 3 })
  })

  test("leaving a loop runs the finally blocks", async () => {
    const log: string[] = []
    for await (const event of counting(log)) if (event === "one") break
    expect(log).toEqual(["begin", "end"])
  })

  test("awaiting after a whole iteration gives its result", async () => {
    const work = counting([])
    const events: string[] = []
    for await (const event of work) events.push(event)
    expect([events, await work]).toEqual([["one", "two"], 2])
  })

  test("a failure reaches whoever awaits, and nobody else", async () => {
    const work = steps<never, never>(async function* () {
      throw new Error("broken")
    })
    await expect(finish(work)).rejects.toThrow("broken")
  })
})
