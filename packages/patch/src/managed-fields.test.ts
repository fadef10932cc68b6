import type { KubeObject, ManagedFieldsEntry } from "@gitops-toolkit/kube"
import { describe, expect, test } from "vitest"
import { parseFieldSet } from "./field-set.ts"
import {
  applyManaged,
  lastAppliedAnnotation,
  updateManaged,
  withoutFields,
  withoutTimeChanges,
  type AppliedObject,
  type ManagedConflict,
} from "./managed-fields.ts"
import { isApplyConflict } from "./structured-merge.ts"
import { topologyOf } from "./topology.ts"

const configMap = { apiVersion: "v1", kind: "ConfigMap" }
const deployment = { apiVersion: "apps/v1", kind: "Deployment" }
const at = (second: number): Date => new Date(Date.UTC(2026, 0, 1, 0, 0, second))

interface Who {
  readonly manager: string
  readonly second?: number
  readonly subresource?: string
  readonly force?: boolean
}

function writer(kind: { apiVersion: string; kind: string }, { manager, second = 0, subresource }: Who) {
  const common = { manager, apiVersion: kind.apiVersion, topology: topologyOf(kind)!, now: at(second) }
  return subresource === undefined ? common : { ...common, subresource }
}

function apply(live: KubeObject | undefined, data: object, who: Who): AppliedObject | ManagedConflict {
  const desired = { ...configMap, metadata: { name: "a" }, ...data }
  return applyManaged({ ...writer(configMap, who), live, desired, force: who.force ?? false })
}

function applied(live: KubeObject | undefined, data: object, who: Who): KubeObject {
  const result = apply(live, data, who)
  if (isApplyConflict(result)) throw new Error(result.message)
  return { ...result.object, metadata: { ...result.object.metadata, uid: "u" } }
}

function updated(live: KubeObject | undefined, data: object, who: Who): KubeObject {
  const managedFields = live?.metadata.managedFields
  const metadata = { name: "a", uid: "u", ...(managedFields ? { managedFields } : {}) }
  return updateManaged({ ...writer(configMap, who), live, object: { ...configMap, metadata, ...data } })
}

/** One line an entry: who, how, when, what. */
const entries = ({ metadata }: KubeObject): string[] =>
  (metadata.managedFields ?? []).map(
    ({ manager, operation, time, subresource, fieldsV1 }: ManagedFieldsEntry) =>
      `${manager} ${operation}${subresource === undefined ? "" : `/${subresource}`} ${time?.slice(17, 19) ?? "never"} ${JSON.stringify(fieldsV1)}`,
  )

test("appliers and updaters of one name are two entries; identity belongs to nobody", () => {
  const first = applied(undefined, { data: { a: "1" } }, { manager: "m", second: 1 })
  const second = updated(first, { data: { a: "1", b: "2" } }, { manager: "m", second: 2 })
  expect(entries(second)).toEqual(['m Apply 01 {"f:data":{"f:a":{}}}', 'm Update 02 {"f:data":{"f:b":{}}}'])
})

test("a creator owns maps with their members, a struct's fields only", () => {
  const object = {
    ...deployment,
    metadata: { name: "d", labels: { a: "b" } },
    spec: {
      selector: { matchLabels: { a: "b" } },
      template: { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "c" }] } },
    },
  }
  const created = updateManaged({ ...writer(deployment, { manager: "m" }), live: undefined, object })
  expect(created.metadata.managedFields?.[0]?.fieldsV1).toEqual({
    "f:metadata": { "f:labels": { ".": {}, "f:a": {} } },
    "f:spec": {
      "f:selector": {},
      "f:template": {
        "f:metadata": { "f:labels": { ".": {}, "f:a": {} } },
        "f:spec": { "f:containers": { 'k:{"name":"c"}': { ".": {}, "f:name": {} } } },
      },
    },
  })
})

describe("apply", () => {
  test("a conflict in the server's words, with one field and with several", () => {
    const live = applied(undefined, { data: { a: "1", b: "1" } }, { manager: "m1" })
    const one = apply(live, { data: { a: "2" } }, { manager: "m2" }) as ManagedConflict
    expect(one.message).toBe('Apply failed with 1 conflict: conflict with "m1": .data.a')
    expect(one.causes).toEqual([{ reason: "FieldManagerConflict", message: 'conflict with "m1"', field: ".data.a" }])
    const foreign = updated(live, { data: { a: "1", b: "1", c: "1" } }, { manager: "u" })
    const many = apply(foreign, { data: { a: "2", b: "2", c: "2" } }, { manager: "m2" }) as ManagedConflict
    expect(many.message).toBe(
      'Apply failed with 3 conflicts: conflicts with "m1":\n- .data.a\n- .data.b\nconflicts with "u" using v1:\n- .data.c',
    )
  })

  test("without effect: the same object, the same times", () => {
    const live = applied(undefined, { data: { a: "1" } }, { manager: "m", second: 1 })
    const result = apply(live, { data: { a: "1" } }, { manager: "m", second: 9 }) as AppliedObject
    expect(result.changed).toBe(false)
    expect(result.object).toBe(live)
  })

  test("a new applier of what is there already has an entry without a time, as on the server", () => {
    const live = applied(undefined, { data: { a: "1" } }, { manager: "m1", second: 1 })
    expect(entries(applied(live, { data: { a: "1" } }, { manager: "m2", second: 2 }))).toEqual([
      'm2 Apply never {"f:data":{"f:a":{}}}',
      'm1 Apply 01 {"f:data":{"f:a":{}}}',
    ])
  })

  test("an object that nobody tracked belongs to before-first-apply", () => {
    const live = { ...configMap, metadata: { name: "a", uid: "u" }, data: { old: "1" } }
    expect(entries(applied(live, { data: { a: "1" } }, { manager: "m" }))).toEqual([
      'm Apply 00 {"f:data":{"f:a":{}}}',
      'before-first-apply Update 00 {"f:data":{".":{},"f:old":{}}}',
    ])
  })

  test("also when nothing is applied to it", () => {
    const live = { ...configMap, metadata: { name: "a", uid: "u" }, data: { old: "1" } }
    expect(entries(applied(live, {}, { manager: "m" }))).toEqual([
      'before-first-apply Update 00 {"f:data":{".":{},"f:old":{}}}',
    ])
  })

  test("a sub-resource has entries of its own and may not own what it resets", () => {
    const live = { ...deployment, metadata: { name: "d", uid: "u", managedFields: [] }, spec: { replicas: 1 } }
    const result = applyManaged({
      ...writer(deployment, { manager: "m", subresource: "status" }),
      owned: withoutFields(parseFieldSet({ "f:spec": {} })),
      live: { ...live, metadata: { name: "d", uid: "u" } },
      desired: { ...deployment, metadata: { name: "d" }, spec: { replicas: 2 }, status: { replicas: 1 } },
    }) as AppliedObject
    expect(entries(result.object)).toEqual(['m Apply/status 00 {"f:status":{"f:replicas":{}}}'])
  })

  // what · desired · code · message
  test.each<[string, object, string]>([
    ["another version", { apiVersion: "v2" }, "[InvalidPatch] invalid object type: /v2, Kind=ConfigMap"],
    [
      "managedFields",
      { metadata: { name: "a", managedFields: [] } },
      "[InvalidPatch] metadata.managedFields must be nil",
    ],
    [
      "an unknown field",
      { nope: 1 },
      "[InvalidObject] failed to create typed patch object (/a; /v1, Kind=ConfigMap): .nope: field not declared in schema",
    ],
  ])("%s is refused", (_what, desired, message) => {
    expect(() => apply(undefined, desired, { manager: "m" })).toThrow(message)
  })

  test("a Secret's values are not in the message", () => {
    const secret = { apiVersion: "v1", kind: "Secret" }
    const desired = { ...secret, metadata: { name: "s" }, stringData: { password: 4711 } } as unknown as KubeObject
    const refused = (): unknown => applyManaged({ ...writer(secret, { manager: "m" }), live: undefined, desired })
    expect(refused).toThrow(".stringData.password: expected string")
    expect(refused).not.toThrow("4711")
  })
})

describe("kubectl takes over from its client-side self", () => {
  const lastApplied = JSON.stringify({ ...configMap, metadata: { name: "a" }, data: { a: "1", b: "1" } })
  const clientSide = updated(
    undefined,
    {
      data: { a: "1", b: "1" },
      metadata: { name: "a", uid: "u", annotations: { [lastAppliedAnnotation]: lastApplied } },
    },
    { manager: "kubectl-client-side-apply" },
  )

  test("what the annotation names with its present value is no conflict, and the annotation follows", () => {
    const after = applied(clientSide, { data: { a: "2" } }, { manager: "kubectl" })
    expect(after["data"]).toEqual({ a: "2", b: "1" })
    expect(after.metadata.annotations?.[lastAppliedAnnotation]).toBe(
      '{"apiVersion":"v1","data":{"a":"2"},"kind":"ConfigMap","metadata":{"name":"a"}}\n',
    )
  })

  test("what somebody changed since is one", () => {
    const { uid: _uid, ...metadata } = clientSide.metadata
    const edited = updateManaged({
      ...writer(configMap, { manager: "edit" }),
      live: clientSide,
      object: { ...clientSide, metadata: { ...metadata, uid: "u" }, data: { a: "edited", b: "1" } },
    })
    const told = apply(edited, { data: { a: "2", b: "2" } }, { manager: "kubectl" }) as ManagedConflict
    expect(told.causes.map(({ field }) => field)).toEqual([".data.a"])
  })

  test("any other manager conflicts", () => {
    expect(isApplyConflict(apply(clientSide, { data: { a: "2" } }, { manager: "flux" }))).toBe(true)
  })
})

describe("update", () => {
  test("what changes hands leaves the others; an empty manager disappears", () => {
    const live = applied(undefined, { data: { a: "1" } }, { manager: "m", second: 1 })
    expect(entries(updated(live, { data: { a: "2" } }, { manager: "u", second: 2 }))).toEqual([
      'u Update 02 {"f:data":{"f:a":{}}}',
    ])
  })

  test("no more than ten updaters are kept apart", () => {
    let live: KubeObject | undefined
    const data: { [name: string]: string } = {}
    for (let i = 10; i < 25; i++) {
      data[`k${i}`] = "v"
      live = updated(live, { data: { ...data } }, { manager: `m${i}`, second: i })
    }
    const names = entries(live!).map((entry) => entry.split(" ").slice(0, 3).join(" "))
    expect(names).toHaveLength(10)
    expect(names[0]).toBe("ancient-changes Update 15")
    expect(names[9]).toBe("m24 Update 24")
  })

  // what managedFields the update brings · whose entries remain
  test.each<[string, unknown, string[]]>([
    ["none: those of the live object", undefined, ["m", "u"]],
    ["an empty list: all are forgotten", [], []],
    ["one empty entry: all are forgotten", [{}], []],
    ["unreadable ones: those of the live object", [{ manager: "x", operation: "Nope" }], ["m", "u"]],
    [
      "others: they are believed",
      [
        {
          manager: "x",
          operation: "Update",
          apiVersion: "v1",
          fieldsType: "FieldsV1",
          fieldsV1: { "f:data": { "f:a": {} } },
        },
      ],
      ["x", "u"],
    ],
  ])("%s", (_what, managedFields, names) => {
    const live = applied(undefined, { data: { a: "1" } }, { manager: "m", second: 1 })
    const metadata = { name: "a", uid: "u", ...(managedFields === undefined ? {} : { managedFields }) }
    const object = { ...configMap, metadata, data: { a: "1", b: "2" } } as unknown as KubeObject
    const after = updateManaged({ ...writer(configMap, { manager: "u", second: 2 }), live, object })
    expect((after.metadata.managedFields ?? []).map(({ manager }) => String(manager)).toSorted()).toEqual(
      names.toSorted(),
    )
  })

  test("an object that nobody tracks stays untracked", () => {
    const live = { ...configMap, metadata: { name: "a", uid: "u" } }
    expect(entries(updated(live, { data: { a: "1" } }, { manager: "m" }))).toEqual([])
  })
})

test("times alone are no change", () => {
  const live = applied(undefined, { data: { a: "1" } }, { manager: "m", second: 1 })
  const later = (live.metadata.managedFields ?? []).map((entry) => ({ ...entry, time: "2026-01-01T00:00:09Z" }))
  const next = { ...live, metadata: { ...live.metadata, managedFields: later } }
  expect(withoutTimeChanges(next, live)).toEqual(live)
  const changed = { ...next, data: { a: "2" } }
  expect(withoutTimeChanges(changed, live)).toBe(changed)
})
