import { describe, expect, test } from "vitest"
import { ManifestError, parseManifests, parseYamlDocuments, printYaml, type YamlOptions } from "./index.ts"

const first = <Value>(text: string, options: YamlOptions = {}): Value =>
  parseYamlDocuments(text, options)[0]?.value as Value

const value = (text: string, options: YamlOptions = {}): unknown => {
  return first<{ v: unknown }>(`v: ${text}\n`, options).v
}

function failure(text: string, options: YamlOptions = {}): ManifestError {
  try {
    parseYamlDocuments(text, options)
  } catch (error) {
    if (error instanceof ManifestError) return error
    throw error
  }
  throw new Error("nothing was thrown")
}

describe("scalars, as kubectl | as kustomize prints them", () => {
  const same = Symbol("same")
  test.each<[text: string, kubectl: unknown, kustomize: unknown]>([
    ["yes", true, "yes"],
    ["Off", false, "Off"],
    ["y", true, "y"],
    ["true", true, same],
    ["tRUE", "tRUE", same],
    ["0755", 493, same],
    ["007", 7, same],
    ["0o755", 493, same],
    ["0b101", 5, same],
    ["0b-11", -3, same],
    ["0X1F", 31, same],
    ["-0x1F", -31, same],
    ["1_000", 1000, same],
    ["685_230.15", 685230.15, same],
    ["_1", "_1", same],
    ["08", 8, same],
    ["1:30", "1:30", same],
    ["12:30:45", "12:30:45", same],
    ["1e3", 1000, same],
    ["1.", 1, same],
    [".5", 0.5, same],
    [".1_0", 0.1, same],
    ["+5", 5, same],
    ["1e400", "1e400", same],
    ["-0", 0, same],
    ["0x", "0x", same],
    [".", ".", same],
    ["1.2.3", "1.2.3", same],
    ["9007199254740993", 9007199254740993n, same],
    ["-9223372036854775808", -9223372036854775808n, same],
    ["12345678901234567890", 12345678901234567000, 12345678901234567890n],
    ["18446744073709551616", 18446744073709552000, same],
    ["2001-12-14", "2001-12-14", "2001-12-14T00:00:00Z"],
    ["2001-12-14t21:59:43.10-05:00", "2001-12-14t21:59:43.10-05:00", "2001-12-14T21:59:43.1-05:00"],
    ["2001-1-2 3:4:5.60", "2001-1-2 3:4:5.60", "2001-01-02T03:04:05.6Z"],
    ["2001-13-45", "2001-13-45", same],
    ["2001-02-29", "2001-02-29", same],
    ["~", null, same],
    ["NULL", null, same],
    ["", null, same],
    ["!!str 123", "123", same],
    ['!!int "5"', 5, same],
    ["!!float 1", 1, same],
    ["!!binary aGVsbG8=", "hello", same],
    ["!foo bar", "bar", same],
    ["! 5", "5", 5],
    ['! "5"', "5", same],
    ["!!set {a, b}", { a: "", b: "" }, same],
    ["'yes'", "yes", same],
    ['"a\\u263A\\x41\\e"', "a\u263AA\x1b", same],
    ['"it\\\'s"', "it's", same],
    ["|-\n  a\n  b", "a\nb", same],
    [">\n  a\n  b\n\n   c\n\n  d", "a b\n\n c\n\nd\n", "a b\n\n c\n\nd\n"],
  ])("%s", (text, kubectl, kustomize) => {
    expect(value(text)).toEqual(kubectl)
    expect(value(text, { profile: "kustomize" })).toEqual(kustomize === same ? kubectl : kustomize)
  })
})

describe("structure", () => {
  test.each<[text: string, kubectl: unknown, kustomize: unknown]>([
    ["base: &b {x: 1, z: 2}\nv: {<<: *b, x: 3}", { x: 3, z: 2 }, { x: 3, z: 2 }],
    ["base: &b {x: 1, z: 2}\nv: {x: 3, <<: *b}", { x: 1, z: 2 }, { x: 3, z: 2 }],
    ["d: &d {x: 1}\ne: &e {x: 2, z: 3}\nv: {<<: [*d, *e]}", { x: 1, z: 3 }, { x: 1, z: 3 }],
    ["a: &a [1]\nv: [*a, *a]", [[1], [1]], [[1], [1]]],
  ])("%s", (text, kubectl, kustomize) => {
    const read = (options: YamlOptions): unknown => first<{ v: unknown }>(text, options).v
    expect(read({})).toEqual(kubectl)
    expect(read({ profile: "kustomize" })).toEqual(kustomize)
  })

  test("aliases give values of their own", () => {
    const { a, v } = first<{ a: unknown[]; v: unknown[] }>("a: &a [1]\nv: *a")
    expect(v).toEqual(a)
    expect(v).not.toBe(a)
  })

  test("keys that are no strings: text for kubectl, an error for kustomize", () => {
    expect(parseYamlDocuments("1: a\ntrue: b\n1.5: c")[0]?.value).toEqual({ "1": "a", true: "b", "1.5": "c" })
    const floats = parseYamlDocuments("123456789.5: a\n1e-7: b\n1e3: c\n1e6: d\n0x1e: e\n08: f\n1.0: g")[0]?.value
    expect(floats).toEqual({
      "1.2345679e+08": "a",
      "1e-07": "b",
      "1000": "c",
      "1e+06": "d",
      "30": "e",
      "8": "f",
      "1": "g",
    })
    expect(failure("1: a", { profile: "kustomize" }).code).toBe("InvalidValue")
    for (const text of ["~: a", "? [a]\n: b", "{: a}"]) expect(failure(text).code).toBe("InvalidValue")
  })

  test("duplicate keys: the last for kubectl, an error for kustomize", () => {
    expect(parseYamlDocuments("a: 1\na: 2")[0]?.value).toEqual({ a: 2 })
    expect(failure("a: 1\na: 2", { profile: "kustomize" })).toMatchObject({
      code: "DuplicateKey",
      at: { line: 2, column: 1 },
    })
  })

  test("`__proto__` is plain data", () => {
    const read = parseYamlDocuments("__proto__: {admin: true}\nconstructor: x")[0]?.value as { admin?: boolean }
    expect(read.admin).toBeUndefined()
    expect(Object.keys(read)).toEqual(["__proto__", "constructor"])
  })
})

describe("documents", () => {
  test.each([
    ["", []],
    ["# nothing\n---\n---\n~\n", []],
    ["a: 1\n---\nb: 2", [{ a: 1 }, { b: 2 }]],
    ["---\na: 1\n--- # note\nb: 2\n---   \n", [{ a: 1 }, { b: 2 }]],
    ["\ufeffa: 1\r\nb: |\r\n  x\r\n", [{ a: 1, b: "x\n" }]],
    ["--- {a: 1}\n", [{ a: 1 }]],
    ["a: 1\n...\nb: 2\n---\nc: 3\n", [{ a: 1 }, { c: 3 }]],
    ['{"a": 1}\n', [{ a: 1 }]],
    ["a: |\n  x\n  ---\n  y\n", [{ a: "x\n---\ny\n" }]],
  ])("%j", (text, values) => {
    for (const profile of ["kubectl", "kustomize"] as const) {
      expect(parseYamlDocuments(text, { profile }).map((document) => document.value)).toEqual(values)
    }
  })

  test("a block without a newline at the end of the text: kubectl adds it, kustomize does not", () => {
    expect(parseYamlDocuments("a: |\n  x")[0]?.value).toEqual({ a: "x\n" })
    expect(parseYamlDocuments("a: |\n  x", { profile: "kustomize" })[0]?.value).toEqual({ a: "x" })
  })

  test("know their lines, and the place and spelling of every node", () => {
    const [first, second] = parseYamlDocuments("# x\na: 1\n---\n\nb:\n- c: 1.10\n  d: 0x1F\n", { profile: "kustomize" })
    expect([first?.line, second?.line]).toEqual([2, 5])
    expect(second?.positionOf(["b", 0, "d"])).toEqual({ line: 7, column: 3 })
    expect(second?.positionOf(["b", 0])).toEqual({ line: 6, column: 3 })
    expect(second?.positionOf(["b", 1])).toBeUndefined()
    expect(second?.positionOf([0])).toBeUndefined()
    expect([second?.textOf(["b", 0, "c"]), second?.textOf(["b", 0, "d"]), second?.textOf(["b"])]).toEqual([
      "1.10",
      "0x1F",
      undefined,
    ])
  })
})

describe("errors", () => {
  test.each([
    ["a: b: c", "InvalidYaml", 1],
    ["a: [1", "InvalidYaml", 1],
    ["a:\n\tb: 1", "InvalidYaml", 2],
    ["%YAML 1.1\n---\na: 1", "InvalidYaml", 1],
    ["a: *x", "InvalidYaml", 1],
    ["a: &x [*x]", "InvalidYaml", 1],
    ['a: "\\/"', "InvalidYaml", 1],
    ['a: "\\ud83d\\ude00"', "InvalidYaml", 1],
    ["a: b\u2028c", "InvalidYaml", 1],
    ["x: 1\na: \u0001", "InvalidYaml", 2],
    ["a: 1\n--- b\n", "InvalidYaml", 2],
    ["a: @b", "InvalidYaml", 1],
    ["a: !!int x", "InvalidYaml", 1],
    ["a: {<<: 1}", "InvalidYaml", 1],
    ["? k\n- lost\n", "InvalidYaml", 1],
    ["a: .inf", "InvalidValue", 1],
    ["a: .NaN", "InvalidValue", 1],
    ["- a\n- b\nc: d", "InvalidYaml", 3],
  ])("%j is %s in line %i", (text, code, line) => {
    for (const profile of ["kubectl", "kustomize"] as const) {
      expect(failure(text, { profile, path: "x.yaml" })).toMatchObject({ code, at: { path: "x.yaml", line } })
    }
  })

  test("show the line with a caret", () => {
    const error = failure("ok: 1\nbad: a: b\n", { path: "app.yaml" })
    expect(error.message).toBe(
      "[InvalidYaml] mapping values are not allowed in this place (app.yaml, line 2, column 6)",
    )
    expect(error.frame).toBe("1 | ok: 1\n2 | bad: a: b\n  |      ^")
  })

  test("never show a Secret", () => {
    const error = failure("kind: Secret\nstringData:\n  password: hunter2: x\n")
    expect(error.frame).toBeUndefined()
    expect(JSON.stringify(error) + error.message).not.toContain("hunter2")
  })
})

describe("limits", () => {
  const bomb = `a: &a [x,x,x,x,x,x,x,x,x,x]\n${"bcdefgh"
    .split("")
    .map((name, index) => `${name}: &${name} [${Array(10).fill(`*${"abcdefg"[index]}`).join(",")}]\n`)
    .join("")}`

  test.each<[string, string, YamlOptions]>([
    ["aliases", bomb, {}],
    ["depth of brackets", "[".repeat(50_000) + "]".repeat(50_000), {}],
    ["brackets behind an anchor", `a: &b ${"[{".repeat(50_000)}`, {}],
    ["depth of maps", "a: {b: {c: {d: 1}}}", { limits: { depth: 3 } }],
    ["depth of blocks", "a:\n b:\n  c:\n   - d\n", { limits: { depth: 3 } }],
    ["size", "a: 12345", { limits: { characters: 5 } }],
    ["documents", "a\n---\nb\n---\nc\n", { limits: { documents: 2 } }],
  ])("%s", (_name, text, options) => expect(failure(text, options).code).toBe("LimitExceeded"))
})

describe("hostile texts end soon, with a value or a ManifestError", () => {
  const many = 20_000
  test.each<[string, string]>([
    ["dashes", "- ".repeat(many)],
    ["question marks", "? ".repeat(many)],
    ["tags", "!a ".repeat(many)],
    ["anchors", "&a ".repeat(many)],
    ["commas", `[${",".repeat(many)}`],
    ["colons", "a:".repeat(many)],
    ["braces", "{a: ".repeat(many)],
    ["quotes", `a: '${"''".repeat(many)}`],
    ["backslashes", `a: "${"\\".repeat(many)}`],
    ["blanks", `a:${" ".repeat(many)}b`],
    ["tabs", `a:${"\t".repeat(many)}b`],
    ["empty lines in quotes", `a: "x${"\n  ".repeat(many)}y"`],
    ["empty lines in a block", `a: |\n${"\n".repeat(many)}  x\n`],
    ["separators", "a\n---\n".repeat(many / 20)],
    ["directives", "%A\n".repeat(many)],
    ["document ends", "...\n".repeat(many)],
    ["duplicate keys", "a: 1\n".repeat(many)],
    ["deeper and deeper", Array.from({ length: 1000 }, (_, indent) => `${" ".repeat(indent)}a:\n`).join("")],
  ])("%s", (_name, text) => {
    for (const profile of ["kubectl", "kustomize"] as const) {
      try {
        parseYamlDocuments(text, { profile })
      } catch (error) {
        expect(error).toBeInstanceOf(ManifestError)
      }
    }
  })
})

describe("parseManifests", () => {
  test("unfolds lists and keeps the rest", () => {
    const list =
      "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: A, metadata: {name: a}}\n- apiVersion: v1\n  kind: BList\n  items: [{apiVersion: v1, kind: B, metadata: {}}]\n"
    expect(parseManifests(list).map(({ kind }) => kind)).toEqual(["A", "B"])
  })

  test.each(["- a\n", "kind: A\nmetadata: {}\n", "apiVersion: v1\nkind: A\n", "text"])("%j is no object", (text) => {
    expect(() => parseManifests(text, { path: "x.yaml" })).toThrow(expect.objectContaining({ code: "NotAnObject" }))
  })

  test("big integers survive the way through YAML", () => {
    const text = "apiVersion: v1\nkind: A\nmetadata: {}\nspec:\n  big: 9007199254740993\n"
    expect(printYaml(parseManifests(text)[0]?.spec)).toBe("big: 9007199254740993\n")
  })
})
