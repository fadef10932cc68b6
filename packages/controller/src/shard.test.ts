import { createClock, createCluster, type TestClock, type TestCluster } from "@gitops-toolkit/testing"
import type { KubeObject } from "@gitops-toolkit/kube"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import * as z from "zod"
import { crdOf } from "./crd.ts"
import { defineController } from "./define.ts"
import { defineKind } from "./kind.ts"
import { run } from "./run.ts"
import { joinShards, placeOf, type ShardMembership } from "./shard.ts"

const shards = { name: "it", namespace: "default", count: 3 }
const keys = Array.from({ length: 300 }, (_item, index) => `default/app-${index}`)

interface Replica {
  readonly membership: Promise<ShardMembership>
  member: ShardMembership | undefined
}

function join(cluster: TestCluster, clock: TestClock, identity: string): Replica {
  const membership = joinShards(cluster, { ...shards, identity, clock, random: () => 0 })
  const replica: Replica = { membership, member: undefined }
  void membership.then((member) => (replica.member = member))
  return replica
}

const owners = (key: string, ...replicas: readonly Replica[]): number =>
  replicas.filter(({ member }) => member?.owns(key)).length

async function advance(clock: TestClock, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 500) await clock.advance(Math.min(500, left))
}

describe("placeOf", () => {
  const members = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 8 })

  test("law: the order of the members does not count, and who leaves moves its own keys only", () => {
    fc.assert(
      fc.property(members, fc.string(), fc.nat(), (all, key, index) => {
        const place = placeOf(key, all)
        expect(placeOf(key, all.toReversed())).toBe(place)
        const gone = all[index % all.length]
        if (gone !== place)
          expect(
            placeOf(
              key,
              all.filter((member) => member !== gone),
            ),
          ).toBe(place)
      }),
    )
  })

  test("spreads evenly", () => {
    const counts = new Map<string | undefined, number>()
    for (const key of keys) {
      const place = placeOf(key, ["it-0", "it-1", "it-2"])
      counts.set(place, (counts.get(place) ?? 0) + 1)
    }
    for (const count of counts.values()) expect(count).toBeGreaterThan(70)
    expect(counts.size).toBe(3)
  })

  test("nobody to give it to", () => expect(placeOf("a", [])).toBeUndefined())
})

describe("joinShards", () => {
  test("every key is owned by exactly one member, and changes hands when members come and go", async () => {
    const clock = createClock()
    const cluster = createCluster({ clock })
    const one = join(cluster, clock, "one")
    await advance(clock, 10_000)
    expect(keys.map((key) => owners(key, one))).toEqual(keys.map(() => 1))
    const two = join(cluster, clock, "two")
    await advance(clock, 10_000)
    expect(one.member?.members()).toEqual(["it-0", "it-1"])
    expect(keys.map((key) => owners(key, one, two))).toEqual(keys.map(() => 1))
    expect(keys.filter((key) => owners(key, two) === 1).length).toBeGreaterThan(100)
    await one.member?.leave()
    await advance(clock, 3000)
    expect(keys.map((key) => owners(key, one, two))).toEqual(keys.map(() => 1))
    expect(keys.every((key) => two.member?.owns(key))).toBe(true)
    await two.member?.leave()
    expect(clock.sleepers).toBe(0)
  })

  test("law: while members come and go nobody shares a key", async () => {
    const clock = createClock()
    const cluster = createCluster({ clock })
    const replicas: Replica[] = []
    for (let second = 0; second < 120; second++) {
      if (second % 20 === 0 && replicas.length < 5) replicas.push(join(cluster, clock, `replica-${second}`))
      if (second === 65) await replicas[0]?.member?.leave()
      await advance(clock, 1000)
      for (const key of keys.slice(0, 50)) expect(owners(key, ...replicas)).toBeLessThanOrEqual(1)
    }
    expect(replicas.filter(({ member }) => member !== undefined)).toHaveLength(4)
    expect(keys.map((key) => owners(key, ...replicas))).toEqual(keys.map(() => 1))
    for (const { member } of replicas) await member?.leave()
  })

  test("the place of a dead member is taken over", async () => {
    const clock = createClock()
    const cluster = createCluster({ clock })
    const lease: KubeObject = {
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: { name: "it-0", namespace: "default", labels: { "gitops-toolkit.dev/shards": "it" } },
      spec: { holderIdentity: "dead", leaseDurationSeconds: 15 },
    }
    await cluster.create(lease)
    const one = join(cluster, clock, "one")
    await advance(clock, 10_000)
    expect(one.member?.members()).toEqual(["it-0", "it-1"])
    expect(keys.some((key) => owners(key, one) === 0)).toBe(true)
    await advance(clock, 8000)
    expect(one.member?.members()).toEqual(["it-1"])
    expect(keys.every((key) => one.member?.owns(key))).toBe(true)
    await one.member?.leave()
  })

  test.each([0, 1.5, 1001])("refuses a count of %d", async (count) => {
    const options = { ...shards, count }
    await expect(joinShards(createCluster(), options)).rejects.toThrow("[InvalidOptions]")
  })
})

test("run: replicas share the objects, and take over those of one that leaves", async () => {
  const App = defineKind({ group: "apps.example.com", version: "v1", kind: "App", spec: z.object({}) })
  const clock = createClock()
  const objects = Array.from({ length: 20 }, (_item, index) => ({
    apiVersion: App.apiVersion,
    kind: "App",
    metadata: { name: `app-${index}`, namespace: "default" },
    spec: {},
  }))
  const cluster = createCluster({ clock, kinds: [crdOf(App)], objects })
  const start = (identity: string): { done: Set<string>; stop: () => Promise<void> } => {
    const done = new Set<string>()
    const stop = new AbortController()
    const controller = defineController({
      kind: App,
      reconcile: async ({ metadata }) => void done.add(metadata.name!),
    })
    const ended = run({
      cluster,
      clock,
      random: () => 0,
      controllers: [controller],
      shards: { ...shards, identity },
      signal: stop.signal,
    })
    return {
      done,
      stop: async () => {
        stop.abort()
        await advance(clock, 40_000)
        await ended
      },
    }
  }
  const one = start("one")
  await advance(clock, 2000)
  const two = start("two")
  await advance(clock, 20_000)
  one.done.clear()
  two.done.clear()
  for (const { metadata } of objects) {
    const ref = { apiVersion: App.apiVersion, kind: "App", namespace: "default", name: metadata.name }
    await cluster.patch(ref, { type: "merge", patch: { metadata: { annotations: { again: "1" } } } })
  }
  await advance(clock, 1000)
  expect([...one.done].filter((name) => two.done.has(name))).toEqual([])
  expect(new Set([...one.done, ...two.done]).size).toBe(20)
  expect(Math.min(one.done.size, two.done.size)).toBeGreaterThan(3)
  const theirs = [...one.done]
  two.done.clear()
  await one.stop()
  expect([...two.done].toSorted()).toEqual(theirs.toSorted())
  await two.stop()
  expect(clock.sleepers).toBe(0)
})
