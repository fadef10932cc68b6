import { createClock, createCluster, type TestClock, type TestCluster } from "@gitops-toolkit/testing"
import type { Cluster, ObjectRef } from "@gitops-toolkit/kube"
import { describe, expect, test } from "vitest"
import { acquireLease, type HeldLease } from "./lease.ts"

const ref: ObjectRef = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", namespace: "default", name: "it" }

interface World {
  readonly clock: TestClock
  readonly cluster: TestCluster
  readonly candidate: (identity: string, cluster?: Cluster) => { held: HeldLease | undefined; stop: () => void }
  readonly holder: () => Promise<unknown>
}

function start(): World {
  const clock = createClock()
  const cluster = createCluster({ clock })
  return {
    clock,
    cluster,
    candidate: (identity, through = cluster) => {
      const stop = new AbortController()
      const state: { held: HeldLease | undefined; stop: () => void } = { held: undefined, stop: () => stop.abort() }
      const { name, namespace = "" } = ref
      acquireLease(through, { name, namespace, identity, clock, random: () => 0, signal: stop.signal }).then(
        (held) => (state.held = held),
        () => undefined,
      )
      return state
    },
    holder: async () => (await cluster.get(ref))?.spec,
  }
}

describe("acquireLease", () => {
  test("one holds it, the other waits; given back it changes hands at the next try", async () => {
    const { clock, candidate, holder } = start()
    const one = candidate("one")
    await clock.advance(0)
    const two = candidate("two")
    await clock.advance(60_000)
    expect([one.held?.identity, two.held]).toEqual(["one", undefined])
    expect(await holder()).toMatchObject({ holderIdentity: "one", leaseDurationSeconds: 15, leaseTransitions: 0 })
    expect((await holder()) as object).toMatchObject({ renewTime: expect.stringMatching(/\.\d{6}Z$/) as string })
    await one.held?.release()
    expect(await holder()).toMatchObject({ holderIdentity: "" })
    await clock.advance(2000)
    expect(two.held?.identity).toBe("two")
    expect(await holder()).toMatchObject({ holderIdentity: "two", leaseTransitions: 1 })
    await two.held?.release()
    await two.held?.release()
    expect(clock.sleepers).toBe(0)
  })

  test("a holder that is silent for the whole duration is replaced, measured from when that was seen", async () => {
    const { clock, cluster, candidate, holder } = start()
    const spec = { holderIdentity: "dead", leaseDurationSeconds: 15, renewTime: "2031-01-01T00:00:00.000000Z" }
    await cluster.create({
      apiVersion: ref.apiVersion,
      kind: "Lease",
      metadata: { name: "it", namespace: "default" },
      spec,
    })
    const two = candidate("two")
    await clock.advance(13_000)
    expect(two.held).toBeUndefined()
    await clock.advance(4000)
    expect(two.held?.identity).toBe("two")
    expect(await holder()).toMatchObject({ holderIdentity: "two" })
    await two.held?.release()
  })

  test("who cannot renew gives up before the others may begin", async () => {
    const { clock, cluster, candidate } = start()
    let down = false
    const flaky: Cluster = {
      ...cluster,
      update: (object, options) => (down ? new Promise(() => undefined) : cluster.update(object, options)),
    }
    const one = candidate("one", flaky)
    await clock.advance(5000)
    down = true
    await clock.advance(8000)
    const two = candidate("two")
    expect(one.held?.lost.aborted).toBe(false)
    await clock.advance(2000)
    expect([one.held?.lost.aborted, two.held]).toEqual([true, undefined])
    expect(String(one.held?.lost.reason)).toContain("[LeaseLost] Lease/default/it: not renewed for 10000 ms")
    await clock.advance(20_000)
    expect(two.held?.identity).toBe("two")
    await two.held?.release()
    await one.held?.release()
    expect((await cluster.get(ref))?.spec).toMatchObject({ holderIdentity: "" })
  })

  test("who finds another holder has lost at once", async () => {
    const { clock, cluster, candidate } = start()
    const one = candidate("one")
    await clock.advance(0)
    await cluster.patch(ref, { type: "merge", patch: { spec: { holderIdentity: "thief" } } })
    await clock.advance(2000)
    expect(one.held?.lost.aborted).toBe(true)
    await one.held?.release()
    expect((await cluster.get(ref))?.spec).toMatchObject({ holderIdentity: "thief" })
  })

  test("waiting ends with the signal", async () => {
    const { clock, candidate } = start()
    const one = candidate("one")
    await clock.advance(0)
    const two = candidate("two")
    await clock.advance(5000)
    two.stop()
    await one.held?.release()
    await clock.advance(60_000)
    expect(two.held).toBeUndefined()
    expect(clock.sleepers).toBe(0)
  })

  test.each([{ retryMs: 0 }, { renewDeadlineMs: 15_000 }, { retryMs: 11_000 }])("refuses %j", async (options) => {
    const given = { name: "it", namespace: "default", ...options }
    await expect(acquireLease(createCluster(), given)).rejects.toThrow("[InvalidOptions]")
  })
})
