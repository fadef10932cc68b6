import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { labelSelectorOf } from "./selectors.ts"

const labelled = (labels: { readonly [name: string]: string }) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "a", labels },
})

describe("label selectors", () => {
  test.each([
    ["app=web", { app: "web" }, true],
    ["app==web", { app: "web" }, true],
    ["app=web", {}, false],
    ["app!=web", {}, true],
    ["app!=web", { app: "web" }, false],
    ["app", { app: "" }, true],
    ["!app", { app: "" }, false],
    ["app in (web,db)", { app: "db" }, true],
    ["app notin (web,db)", {}, true],
    ["app notin (web)", { app: "web" }, false],
    ["n>3", { n: "4" }, true],
    ["n<3", { n: "x" }, false],
    ["app=web,!tier", { app: "web", tier: "x" }, false],
    ["app=", { app: "" }, true],
    ["constructor", {}, false],
    ["__proto__", {}, false],
  ] as const)("%s on %o: %s", (text, labels, expected) => {
    let matches: boolean
    try {
      matches = labelSelectorOf(text)!(labelled(labels))
    } catch {
      // Some of these are no names of labels: refused is as good as unmatched.
      matches = false
    }
    expect(matches).toBe(expected)
  })

  test.each(["=web", "app in web", "app in (", "app===x", "a b", ",", "app=web,,", "app in ()("])(
    "%s is refused",
    (text) => {
      expect(() => labelSelectorOf(text)).toThrow(/Refused/)
    },
  )

  test("ends on any text, in an answer or a refusal", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."ab=!<>(), notin".split("")), maxLength: 40 }), (text) => {
        try {
          const selector = labelSelectorOf(text)
          expect(typeof selector?.(labelled({}))).toMatch(/boolean|undefined/)
        } catch (error) {
          expect(String(error)).toContain("Refused")
        }
      }),
    )
  })
})
