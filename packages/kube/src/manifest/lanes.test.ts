import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { parseYamlDocuments, printYaml, type YamlProfile } from "./index.ts"
import { readFast, unread } from "./read/fast/read.ts"
import { readSlowly } from "./read/slow.ts"
import { splitDocuments } from "./read/split.ts"

// LANES_RUNS=100000 searches longer.
const runs = Number(process.env["LANES_RUNS"] ?? 1500)
const profiles: readonly YamlProfile[] = ["kubectl", "kustomize"]

function bothLanes(text: string, profile: YamlProfile): { readonly fast: unknown; readonly slow: unknown }[] {
  return splitDocuments(text, { profile }).map((chunk) => {
    const source = { chunk, options: { profile } }
    const fast = readFast(source)
    return { fast, slow: fast === unread ? unread : (readSlowly(source) ?? undefined) }
  })
}

/** The law of the two lanes; a failure of the slow lane on a text that the fast one reads breaks it too. */
function expectEqualLanes(text: string): void {
  for (const profile of profiles) {
    for (const { fast, slow } of bothLanes(text, profile)) expect(fast ?? undefined).toEqual(slow)
  }
}

const words = [
  "a",
  "b c",
  "x: y",
  "yes",
  "0x1F",
  "017",
  "1.5",
  "-",
  "- ",
  "~",
  "null",
  "2001-12-14",
  "é",
  "#",
  " #",
  "a#b",
  "'",
  '"',
  "''",
  "it's",
]
const marks = [
  ": ",
  ":",
  "\n",
  "\n\n",
  "\n  ",
  "\n    ",
  "\n- ",
  "\n  - ",
  "- ",
  "[",
  "]",
  "{",
  "}",
  ", ",
  ",",
  "|",
  ">",
  "|-",
  ">+",
  "|2",
  "\\n",
  "\\",
  "\t",
  " ",
  "  ",
  "# note",
  "\n# note",
  "?",
  "&a",
  "*a",
  "!t",
  "...",
  "\n...",
  "%",
  "\u2028",
  "k: ",
  "\nk: ",
  "\n  k: ",
  '"q": ',
  "'q'",
  '"q"',
  '\n"q": ',
]
const soup = fc.array(fc.constantFrom(...words, ...marks), { maxLength: 14 }).map((parts) => parts.join(""))

/** Lines that people could have written: keys and items at growing and shrinking indents, with all kinds of values. */
const line = fc.record({
  indent: fc.integer({ min: 0, max: 3 }),
  lead: fc.constantFrom("k1:", "k2:", '"k 3":', "-", "- -", "- a:", "- b: c", "", "k4 :", "'k5':"),
  value: fc.constantFrom(
    "",
    " v",
    " 'v w'",
    ' "v\\tw"',
    " |",
    " >-",
    " |+",
    " [a, 'b', {c: 1}]",
    ' {a: [1, 2], "b": c}',
    " a  b # note",
    " # note",
    " 'x",
    " y'",
    " text: more",
    " ~",
    " 0b11",
    " >2",
    ' "a',
    ' b"',
    " []",
    " {}",
    " a:b",
    " http://x/y#z",
    " [a,",
    " b]",
  ),
})
const document = fc
  .array(line, { minLength: 1, maxLength: 8 })
  .map((lines) => lines.map(({ indent, lead, value }) => `${"  ".repeat(indent)}${lead}${value}\n`).join(""))

describe("the two lanes agree", () => {
  test("on any soup of marks", () => {
    fc.assert(fc.property(soup, expectEqualLanes), { numRuns: runs })
  })

  test("on documents made of likely lines", () => {
    fc.assert(fc.property(document, expectEqualLanes), { numRuns: runs })
  })

  test("on block scalars of any shape", () => {
    const header = fc.constantFrom("|", ">", "|-", ">-", "|+", ">+", "|1", ">2-", "|+3")
    const content = fc.array(fc.constantFrom("a", " b", "  c", "", " ", "   ", "\td", "e f", "# no comment", "- x"), {
      maxLength: 7,
    })
    const text = fc.tuple(header, content, fc.constantFrom("", "\n", "\n\n")).map(([head, lines, end]) => {
      return `k: ${head}\n${lines.map((item) => (item === "" ? "" : `  ${item}`)).join("\n")}${end}`
    })
    fc.assert(fc.property(text, expectEqualLanes), { numRuns: runs })
    fc.assert(
      fc.property(
        text.map((block) => `- ${block.replaceAll("\n", "\n  ")}\nlast: 1\n`),
        expectEqualLanes,
      ),
      { numRuns: runs },
    )
  })

  test("on quoted text over several lines", () => {
    const piece = fc.constantFrom(
      "a",
      " ",
      "\n",
      "\n  ",
      "\n\n  ",
      "''",
      '\\"',
      "\\\n  ",
      "\\x41",
      "\\u263A",
      "\\t",
      "\\/",
      "\\q",
      "\\ud83d",
      "#",
      ": ",
    )
    const quoted = fc
      .tuple(fc.constantFrom("'", '"'), fc.array(piece, { maxLength: 8 }))
      .map(([quote, parts]) => `${quote}${parts.join("")}${quote}`)
    fc.assert(
      fc.property(
        quoted.map((text) => `k: ${text}\nl: 1\n`),
        expectEqualLanes,
      ),
      { numRuns: runs },
    )
    fc.assert(
      fc.property(
        quoted.map((text) => `- [${text}, ${text}]\n- ${text}: 1\n`),
        expectEqualLanes,
      ),
      { numRuns: runs },
    )
  })

  test("and the fast one reads what people write", () => {
    const text = 'a: 1\nb:\n- c: "d"\n  e: |\n    f\n- g\nh: [i, {j: k}]\n# l\nm: >-\n  n\n  o\np: q\n  r\n'
    for (const { fast } of bothLanes(text, "kustomize")) {
      expect(fast).toEqual({ a: 1, b: [{ c: "d", e: "f\n" }, "g"], h: ["i", { j: "k" }], m: "n o", p: "q r" })
    }
  })

  test.each([
    ["patch-web.yaml", "patch-web.yaml"],
    ["../base # above", "../base"],
    ["12\n", 12],
    ["a\nb", unread],
    ["'a'", unread],
  ])("a document of the scalar %j", (document, value) => {
    for (const { fast } of bothLanes(document, "kustomize")) expect(fast).toBe(value)
  })
})

const key = fc.oneof(
  fc.constantFrom("y", "a10", "a2", "k8s.io/x", "", "- a", "1", "true", "a: b", "__proto__x"),
  fc.string({ maxLength: 12, unit: "grapheme" }),
)
const text = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.constantFrom(
    "yes",
    "1_000",
    "0o7",
    ".5",
    "1e3",
    "12:30:45",
    "2001-12-14",
    "a\nb\n",
    " a\n",
    "a\n\n",
    "a \nb",
    "\ta",
    "#a",
    "a #b",
    "'",
    'it\'s "x"',
    "-",
    "<<",
    "=",
    "a\\b",
    "x".repeat(90),
    "word ".repeat(30).trim(),
    `${"w  x ".repeat(30)}.`,
  ),
)
const scalar = fc.oneof(
  text,
  fc.integer(),
  fc.double({ noNaN: true, min: -1e15, max: 1e15 }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.boolean(),
  fc.constant(null),
)
const { value: json } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    scalar,
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(key, tie("value"), { maxKeys: 4 }),
  ),
}))

/** What is printed has no U+0085, which kustomize folds, no control characters above U+007F, and plain numbers. */
function normal(value: unknown): unknown {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value
  // A whole double prints as an integer, and big ones are read back exactly.
  if (typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < 2 ** 63)
    return BigInt(String(value))
  if (typeof value === "number") return value + 0
  if (Array.isArray(value)) return value.map(normal)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, normal(item)]))
}

test("what is printed is read back, in both profiles and both lanes", () => {
  const readable = json.filter(
    (value) =>
      !/[\u007f-\u009f\u2028\u2029\ufffe\uffff]/.test(
        JSON.stringify(value, (_key, item: unknown) => (typeof item === "bigint" ? String(item) : item)),
      ),
  )
  fc.assert(
    fc.property(readable, (value) => {
      const printed = printYaml({ value })
      for (const profile of profiles)
        expect(parseYamlDocuments(printed, { profile })[0]?.value).toEqual({ value: normal(value) })
      expectEqualLanes(printed)
    }),
    { numRuns: runs },
  )
})
