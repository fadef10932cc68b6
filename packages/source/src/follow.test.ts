import type { Clock } from "@gitops-toolkit/kube"
import { describe, expect, it } from "vitest"
import { createArtifact } from "./artifact.ts"
import { directoryOf } from "./files/tree.ts"
import { follow, SourceError, type Artifact, type FollowOptions } from "./index.ts"

const artifact = (revision: string): Artifact => createArtifact("https://example.com/a", revision, directoryOf([]))

/** A clock on which every wait is over at once, and written down. */
function createLog(): { readonly clock: Clock; readonly waits: number[] } {
  const waits: number[] = []
  const clock: Clock = {
    now: () => 0,
    sleep: async (ms, { signal } = {}) => {
      signal?.throwIfAborted()
      waits.push(ms)
    },
  }
  return { clock, waits }
}

async function revisions(answers: (string | Error)[], options: Partial<FollowOptions> = {}): Promise<string[]> {
  const controller = new AbortController()
  const seen: string[] = []
  let previous: Artifact | undefined
  const fetch = async (given: { readonly previous: Artifact | undefined }): Promise<Artifact> => {
    expect(given.previous).toBe(previous)
    const answer = answers.shift()
    if (answer === undefined) controller.abort()
    if (answer instanceof Error) throw answer
    previous = answer === undefined || answer === previous?.revision ? (previous ?? artifact("none")) : artifact(answer)
    return previous
  }
  const random = (): number => 0.5
  for await (const { revision } of follow(fetch, { intervalMs: 1000, random, signal: controller.signal, ...options })) {
    seen.push(revision)
  }
  return seen
}

describe("follow", () => {
  it("gives an artifact only when its revision differs, and waits in between", async () => {
    const { clock, waits } = createLog()
    expect(await revisions(["a", "a", "b", "b", "a"], { clock })).toEqual(["a", "b", "a"])
    expect(waits).toEqual([1000, 1000, 1000, 1000, 1000])
  })

  it.each([
    [0, 900],
    [1, 1100],
  ])("varies each wait by its jitter (random %i: %i ms)", async (random, wait) => {
    const { clock, waits } = createLog()
    await revisions(["a"], { clock, jitter: 0.1, random: () => random })
    expect(waits).toEqual([wait])
  })

  it("goes on after errors that pass, when somebody wants to hear of them", async () => {
    const errors: string[] = []
    const { clock } = createLog()
    const down = new SourceError("Unreachable", "down")
    expect(await revisions(["a", down, "b"], { clock, onError: ({ code }) => errors.push(code) })).toEqual(["a", "b"])
    expect(errors).toEqual(["Unreachable"])
  })

  it.each([
    ["that pass, when nobody listens", new SourceError("Unreachable", "down"), undefined],
    ["that do not pass", new SourceError("InvalidUrl", "no"), () => undefined],
    ["of others", new Error("bug"), () => undefined],
  ])("ends with errors %s", async (_, error, onError) => {
    const { clock } = createLog()
    await expect(revisions(["a", error], { clock, ...(onError ? { onError } : {}) })).rejects.toBe(error)
  })
})
