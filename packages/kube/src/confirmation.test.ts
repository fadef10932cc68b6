import { describe, expect, test } from "vitest"
import { compareResourceVersions, isConfirmed, valuesDigest } from "./confirmation.ts"
import type { KubeObject } from "./object.ts"

const fields = {
  "f:metadata": { "f:labels": { "f:app": {} } },
  "f:spec": {
    "f:replicas": {},
    "f:containers": { 'k:{"name":"web"}': { ".": {}, "f:name": {}, "f:image": {} } },
    "f:finalizers": { 'v:"a/b"': {} },
    "f:args": {},
  },
}

const web = { name: "web", image: "web:1" }
const spec = { replicas: 3, containers: [web], finalizers: ["a/b"], args: ["x"] }
const object = (changes: object = {}, labels: { [name: string]: string } = { app: "web" }): KubeObject => ({
  apiVersion: "v1",
  kind: "Thing",
  metadata: { name: "a", uid: "u1", resourceVersion: "9", labels },
  spec: { ...spec, ...changes },
})

describe("valuesDigest", () => {
  const digest = valuesDigest(object(), fields)
  test.each([
    ["a field of others", object({ paused: true })],
    ["a label of others", object({}, { app: "web", other: "x" })],
    ["a container of others", object({ containers: [{ name: "sidecar" }, web] })],
    ["a field of others in our container", object({ containers: [{ ...web, tty: true }] })],
    ["a finalizer of others", object({ finalizers: ["x/y", "a/b"] })],
  ])("is not moved by %s", (_name, changed) => expect(valuesDigest(changed, fields)).toBe(digest))

  test.each([
    ["another value", object({ replicas: 4 })],
    ["a value of another type", object({ replicas: "3" })],
    ["a field that is gone", object({ replicas: undefined })],
    ["a field in our container", object({ containers: [{ ...web, image: "web:2" }] })],
    ["our container's absence", object({ containers: [] })],
    ["our finalizer's absence", object({ finalizers: [] })],
    ["an addition to an atomic list", object({ args: ["x", "y"] })],
    ["a label that is gone", object({}, {})],
  ])("is moved by %s", (_name, changed) => expect(valuesDigest(changed, fields)).not.toBe(digest))

  test("reads own properties only", () => {
    expect(valuesDigest(object(), { "f:constructor": {} })).toBe(valuesDigest(object(), { "f:constructor": {} }))
    expect(valuesDigest(object({ replicas: 1 }), { "f:__proto__": {} })).toBe(
      valuesDigest(object(), { "f:__proto__": {} }),
    )
  })
})

describe("isConfirmed", () => {
  const confirmation = {
    desiredDigest: "sha256:0",
    resourceVersion: "9",
    uid: "u1",
    fields,
    valuesDigest: valuesDigest(object(), fields),
  }
  const at = (resourceVersion: string, changes: object = {}, uid = "u1"): KubeObject => {
    const moved = object(changes)
    return { ...moved, metadata: { ...moved.metadata, resourceVersion, uid } }
  }
  test.each([
    ["the same version", at("9"), true],
    ["a newer version, our fields untouched", at("10", { paused: true }), true],
    ["a newer version, our field changed", at("10", { replicas: 5 }), false],
    ["an older version", at("8"), false],
    ["another object of the name", at("9", {}, "u2"), false],
    ["a version that is no number", at("x9"), false],
  ])("%s", (_name, live, wanted) => expect(isConfirmed(live, confirmation)).toBe(wanted))
})

test("resourceVersions are compared as integers of any size", () => {
  expect(compareResourceVersions("999", "1000")).toBeLessThan(0)
  expect(compareResourceVersions("18446744073709551617", "18446744073709551616")).toBeGreaterThan(0)
  expect(compareResourceVersions("7", "7")).toBe(0)
  expect(compareResourceVersions("7", "x")).toBeUndefined()
})
