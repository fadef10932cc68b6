import { expect, test } from "vitest"
import { BodyQueue } from "./body.ts"

function recorded(): { readonly queue: BodyQueue; readonly calls: string[] } {
  const calls: string[] = []
  const note = (name: string) => () => void calls.push(name)
  return { queue: new BodyQueue({ pause: note("pause"), resume: note("resume"), cancel: note("cancel") }), calls }
}

const kib = (count: number): Uint8Array => new Uint8Array(count * 1024)

test("pauses above one MiB and resumes when all is read", async () => {
  const { queue, calls } = recorded()
  queue.push(kib(1024))
  expect(calls).toEqual([])
  queue.push(kib(1))
  queue.push(kib(1))
  expect(calls).toEqual(["pause"])
  await queue.next()
  await queue.next()
  expect(calls).toEqual(["pause"])
  await queue.next()
  expect(calls).toEqual(["pause", "resume"])
})

test("gives chunks before the failure that follows them", async () => {
  const { queue } = recorded()
  queue.push(kib(1))
  queue.fail(new Error("reset"))
  expect((await queue.next()).value).toHaveLength(1024)
  await expect(queue.next()).rejects.toThrow("reset")
})

test("wakes a reader that waits: for a chunk, the end, a failure, its own leaving", async () => {
  for (const wake of ["push", "end", "fail", "return"] as const) {
    const { queue } = recorded()
    const waiting = queue.next().then(
      (step) => (step.done ? "done" : "chunk"),
      () => "failed",
    )
    if (wake === "push") queue.push(kib(1))
    else if (wake === "fail") queue.fail(new Error("x"))
    else await queue[wake]()
    expect(await waiting).toBe({ push: "chunk", end: "done", fail: "failed", return: "done" }[wake])
  }
})

test("leaving early cancels the source; leaving after the end does not", async () => {
  const early = recorded()
  early.queue.push(kib(1))
  await early.queue.return()
  early.queue.push(kib(1))
  expect(early.calls).toEqual(["cancel"])
  expect((await early.queue.next()).done).toBe(true)
  const late = recorded()
  late.queue.end()
  await late.queue.return()
  expect(late.calls).toEqual([])
})

test("a failure after the end changes nothing", async () => {
  const { queue } = recorded()
  queue.end()
  queue.fail(new Error("late"))
  expect((await queue.next()).done).toBe(true)
})
