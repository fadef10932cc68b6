import type { KubeObject } from "@gitops-toolkit/kube"
import { describe, expect, test } from "vitest"
import { collectVariables, substitute, substituteText } from "./index.ts"

const map = (data: object, metadata: object = {}): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "a", ...metadata },
  data,
})

describe("substituteText", () => {
  const variables = { v: "Value", empty: "", path: "a/b/c.yaml" }
  // oxlint-disable-next-line no-template-curly-in-string -- the templates are what is tested
  test.each([
    ["${v}", "Value"],
    ["$v", "$v"],
    ["$${v}", "${v}"],
    ["${none}", ""],
    ["${none:=x}", "x"],
    ["${none:-x}", "x"],
    ["${empty:-x}", "x"],
    ["${none:=${v}}", "Value"],
    ["${#v}", "5"],
    ["${v^}", "Value"],
    ["${v^^}", "VALUE"],
    ["${v,,}", "value"],
    ["${v:1:2}", "al"],
    ["${path#*/}", "b/c.yaml"],
    ["${path##*/}", "c.yaml"],
    ["${path%.*}", "a/b/c"],
    ["${path%%/*}", "a"],
    ["${path/b/x}", "a/x/c.yaml"],
    ["${path//\\//-}", "a-b-c.yaml"],
  ])("%s → %s", (text, expected) => {
    expect(substituteText(text, variables)).toBe(expected)
  })

  test("names of prototypes are unset", () => {
    expect(substituteText("${constructor}${__proto__}", {})).toBe("")
  })

  test("strict: every unset variable at once; those with defaults are fine", () => {
    expect(() => substituteText("${a} ${b:=x} ${c}", {}, { strict: true })).toThrow(/"a", "c"/)
  })

  test.each(["${", "${v", "${v:", "${v/a"])("%s is an error", (text) => {
    expect(() => substituteText(text, variables)).toThrow(expect.objectContaining({ code: "SubstitutionFailed" }))
  })
})

describe("substitute", () => {
  test("a value may become a number", () => {
    expect(substitute([map({ n: "${n}" })], { n: "3" })).toEqual([map({ n: 3 })])
  })

  test("objects that say so are left alone, and all are without variables", () => {
    const marker = { "kustomize.toolkit.fluxcd.io/substitute": "disabled" }
    const objects = [map({ a: "${x}" }, { labels: marker }), map({ a: "${x}" }, { annotations: marker })]
    expect(substitute(objects, { x: "1" })).toEqual(objects)
    expect(substitute([map({ a: "${x:=1}" })], {})).toEqual([map({ a: "${x:=1}" })])
    expect(substitute([map({ a: "${x:=b}" })], {}, { always: true })).toEqual([map({ a: "b" })])
  })

  test("errors name the object", () => {
    const expected = { code: "SubstitutionFailed", ref: { kind: "ConfigMap", name: "a" } }
    const failure = (variables: { [name: string]: string }, options = {}): unknown => {
      try {
        return substitute([map({ a: "${x}", b: "${y}" })], variables, options)
      } catch (error) {
        return error
      }
    }
    expect(failure({ x: "1" }, { strict: true })).toMatchObject(expected)
    expect(failure({ x: "{", y: "" })).toMatchObject(expected)
    expect(failure({ "a-b": "1" })).toMatchObject({ code: "SubstitutionFailed" })
  })
})

test("collectVariables: later sources win, inline ones over all; a missing source is an error unless optional", () => {
  const first = { kind: "ConfigMap", name: "a", data: { x: "1", y: "1", z: "1" } } as const
  const second = { kind: "Secret", name: "b", data: { y: "2", z: "2" } } as const
  expect(collectVariables({ z: "3" }, [first, second])).toEqual({ x: "1", y: "2", z: "3" })
  expect(() => collectVariables({}, [{ kind: "Secret", name: "gone" }])).toThrow("Secret/gone")
  expect(collectVariables({}, [{ kind: "Secret", name: "gone", optional: true }])).toEqual({})
})
