import { createClock, createCluster, type TestClock, type TestCluster } from "@gitops-toolkit/testing"
import type { Confirmation, KubeObject, LiveChange, ObjectRef } from "@gitops-toolkit/kube"
import { valuesDigest } from "@gitops-toolkit/kube"
import { afterEach, describe, expect, test } from "vitest"
import { createLiveView, type LiveCaches, type LiveNotice, type LiveViewOptions } from "./live.ts"

const kind = { apiVersion: "v1", kind: "ConfigMap" }
const ref = (name: string): ObjectRef => ({ ...kind, namespace: "default", name })
const object = (name: string, value: string, labels: { [name: string]: string } = {}): KubeObject => ({
  ...kind,
  metadata: { name, namespace: "default", labels },
  data: { value },
})
const fields = { "f:data": { "f:value": {} } }
const confirmationOf = (live: KubeObject): Confirmation => ({
  desiredDigest: "sha256:0",
  resourceVersion: live.metadata.resourceVersion!,
  uid: live.metadata.uid!,
  fields,
  valuesDigest: valuesDigest(live, fields),
})

interface World {
  readonly cluster: TestCluster
  readonly clock: TestClock
  readonly live: LiveCaches
  readonly notices: LiveNotice[]
  readonly calm: () => Promise<void>
  readonly set: (name: string, value: string) => Promise<KubeObject>
}

const open: World[] = []
afterEach(async () => {
  for (const { live, cluster } of open.splice(0)) {
    await live.close()
    await cluster[Symbol.asyncDispose]()
  }
})

function start(objects: readonly KubeObject[], options: LiveViewOptions = {}): World {
  const clock = createClock()
  const cluster = createCluster({ clock, objects })
  const notices: LiveNotice[] = []
  const live = createLiveView(cluster, { clock, onNotice: (notice) => notices.push(notice), ...options })
  const calm = async (): Promise<void> => {
    for (let turn = 0; turn < 10; turn++) await clock.advance(0)
  }
  const set = async (name: string, value: string): Promise<KubeObject> => {
    const answer = await cluster.patch(ref(name), { type: "merge", patch: { data: { value } } })
    await calm()
    return answer
  }
  const world = { cluster, clock, live, notices, calm, set }
  open.push(world)
  return world
}

/** Collects what `changes` tells; ends with the signal. */
function listen(live: LiveCaches, refs: readonly ObjectRef[]): { told: string[]; stop: () => Promise<void> } {
  const told: string[] = []
  const stop = new AbortController()
  const tell = ({ ref: { name }, object: now }: LiveChange): void =>
    void told.push(`${name} ${now === undefined ? "-" : (now["data"] as { value: string }).value}`)
  const ended = (async () => {
    for await (const change of live.changes(refs, { signal: stop.signal })) tell(change)
  })()
  return {
    told,
    stop: () => {
      stop.abort()
      return ended
    },
  }
}

describe("track", () => {
  test("kinds are watched while some owner mentions them", async () => {
    const { live, calm, notices } = start([object("a", "1")])
    expect([live.synced(kind), live.get(ref("a"))]).toEqual([false, undefined])
    live.track("one", [ref("a")])
    live.track("two", [ref("b")])
    await calm()
    expect([live.synced(kind), live.get(ref("a"))?.["data"]]).toEqual([true, { value: "1" }])
    live.track("one", [])
    await calm()
    expect(live.synced(kind)).toBe(true)
    live.track("two", [])
    await calm()
    expect([live.synced(kind), live.watched()]).toEqual([false, []])
    expect(notices.map(({ type }) => type)).toEqual(["watch.synced", "watch.stopped"])
  })

  test("one watch for a kind, however many owners", async () => {
    const { live, calm, cluster } = start([])
    for (let owner = 0; owner < 20; owner++) live.track(String(owner), [ref(`n${owner}`)])
    await calm()
    expect(cluster.requests.filter(({ path }) => path === "/api/v1/configmaps")).toHaveLength(2)
  })

  test("owners are known by what they own, and confirmations live as long as there is an owner", async () => {
    const { live, calm } = start([object("a", "1")])
    live.track("one", [ref("a")])
    live.track("two", [ref("a"), ref("b")])
    await calm()
    expect([live.owners(ref("a")), live.owners(ref("b"))]).toEqual([["one", "two"], ["two"]])
    live.confirm(ref("a"), confirmationOf(live.get(ref("a"))!))
    live.track("two", [ref("b")])
    expect(live.confirmed(ref("a"))).toBeDefined()
    live.track("one", [])
    expect([live.confirmed(ref("a")), live.owners(ref("a"))]).toEqual([undefined, []])
  })
})

describe("get, absent and drift", () => {
  test("an object older than our own write is not shown, nor taken for absent", async () => {
    const { live, calm, cluster } = start([object("a", "1")])
    live.track("one", [ref("a"), ref("new")])
    await calm()
    const changed = await cluster.patch(ref("a"), { type: "merge", patch: { data: { value: "2" } } })
    const created = await cluster.create(object("new", "1"))
    live.confirm(ref("a"), confirmationOf(changed))
    live.confirm(ref("new"), confirmationOf(created))
    const behind = { ...confirmationOf(changed), resourceVersion: "99999999999999999999999" }
    live.confirm(ref("a"), behind)
    live.confirm(ref("gone"), behind)
    await calm()
    expect(live.get(ref("a"))).toBeUndefined()
    expect([live.absent(ref("a")), live.absent(ref("gone")), live.absent(ref("never"))]).toEqual([false, false, true])
    expect([live.drift(ref("a")), live.drift(ref("gone")), live.drift(ref("new"))]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })

  test.each<[string, (world: World) => Promise<unknown>, string | undefined]>([
    ["nothing", async () => undefined, undefined],
    ["a confirmed field", ({ set }) => set("a", "theirs"), "modified"],
    [
      "another field",
      ({ cluster }) => cluster.patch(ref("a"), { type: "merge", patch: { data: { other: "x" } } }),
      undefined,
    ],
    ["its absence", ({ cluster }) => cluster.delete(ref("a")), "deleted"],
    [
      "another object of its name",
      async ({ cluster }) => {
        await cluster.delete(ref("a"))
        await cluster.create(object("a", "1"))
      },
      "replaced",
    ],
  ])("drift by %s", async (_title, change, wanted) => {
    const world = start([object("a", "1")])
    world.live.track("one", [ref("a")])
    await world.calm()
    world.live.confirm(ref("a"), confirmationOf((await world.cluster.get(ref("a")))!))
    await change(world)
    await world.calm()
    expect(world.live.drift(ref("a"))?.change).toBe(wanted)
  })

  test("a view restricted by a label never claims that something is absent", async () => {
    const world = start([object("mine", "1", { owner: "x" }), object("theirs", "1")], { labelSelector: () => "owner" })
    world.live.track("one", [ref("mine")])
    await world.calm()
    const { live } = world
    expect([live.get(ref("mine"))?.metadata.name, live.get(ref("theirs"))]).toEqual(["mine", undefined])
    expect(live.absent(ref("theirs"))).toBe(false)
  })
})

describe("changes", () => {
  test("the present state, then every change, of just these", async () => {
    const { live, calm, set, cluster } = start([object("a", "1"), object("b", "1")])
    const { told, stop } = listen(live, [ref("a"), ref("new")])
    await calm()
    await set("a", "2")
    await set("b", "2")
    await cluster.create(object("new", "9"))
    await calm()
    await cluster.delete(ref("a"))
    await calm()
    await stop()
    expect(told).toEqual(["a 1", "new -", "a 2", "new 9", "a -"])
    expect(live.watched()).toEqual([])
  })

  test("in a restricted view what lacks the label is watched alone", async () => {
    const objects = [object("mine", "1", { owner: "x" }), object("theirs", "1"), object("other", "1")]
    const { live, calm, set, cluster } = start(objects, { labelSelector: () => "owner" })
    const { told, stop } = listen(live, [ref("mine"), ref("theirs"), ref("new")])
    await calm()
    await set("theirs", "2")
    await set("other", "2")
    await cluster.create(object("new", "1"))
    await calm()
    await cluster.delete(ref("theirs"))
    await calm()
    await stop()
    expect(told).toEqual(["mine 1", "theirs 1", "new -", "theirs 2", "new 1", "theirs -"])
    expect(live.watched()).toEqual([])
  })

  test("a reader that is slow gets the newest state only", async () => {
    const { live, calm, set } = start([object("a", "0")])
    const changes = live.changes([ref("a")])[Symbol.asyncIterator]()
    const first = changes.next()
    await calm()
    for (let value = 1; value <= 50; value++) await set("a", String(value))
    const [one, two] = [await first, await changes.next()]
    expect([one.value.object?.data, two.value.object?.data]).toEqual([{ value: "0" }, { value: "50" }])
    await changes.return?.()
    expect(live.watched()).toEqual([])
  })

  test("readers of a kind that is synced already need no request", async () => {
    const { live, calm, cluster } = start([object("a", "1")])
    live.track("one", [ref("a")])
    await calm()
    const before = cluster.requests.length
    const { told, stop } = listen(live, [ref("a")])
    await calm()
    await stop()
    expect([told, cluster.requests.length]).toEqual([["a 1"], before])
  })
})
