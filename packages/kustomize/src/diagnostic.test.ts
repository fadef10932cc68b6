import fc from "fast-check"
import { expect, test } from "vitest"
import { build } from "./build.ts"
import { frameOf } from "./diagnostic.ts"
import type { Files } from "./files.ts"

const filesOf = (record: { readonly [path: string]: string }): Files => ({
  list: async () => Object.keys(record).map((name) => ({ name, type: "file" })),
  read: async (path) => Buffer.from(record[path] ?? ""),
})

const hidden = "hunter2marker"
const secret = `apiVersion: v1
kind: Secret
metadata:
  name: s
stringData:
  password: ${hidden}
  text: |
    ${hidden} line
    ${hidden}=
  flow: '${hidden}'
data: {"key":"${hidden}", other: ${hidden}}
`
const json = `{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"stringData":{"password":"${hidden}",\n"b":"${hidden}"}}`
const kustomization = `resources: [s.yaml]
secretGenerator:
- name: g
  literals:
  - password=${hidden}
  - |
    c=${hidden}
    d ${hidden}
patches:
- target: { kind: Secret }
  patch: |
    - op: add
      path: /data/x
      value: ${hidden}
`
const patch = `- op: replace\n  path: /data/password\n  value: ${hidden}\n`

const trees: [string, { readonly [path: string]: string }][] = [
  ["s.yaml", { "kustomization.yaml": "resources: [s.yaml]", "s.yaml": secret }],
  ["s.json", { "kustomization.yaml": "resources: [s.json]", "s.json": json }],
  ["kustomization.yaml", { "kustomization.yaml": kustomization, "s.yaml": secret }],
  [
    "p.yaml",
    { "kustomization.yaml": "resources: [s.yaml]\npatches: [{ path: p.yaml }]", "s.yaml": secret, "p.yaml": secret },
  ],
  [
    "p.yaml",
    {
      "kustomization.yaml": "resources: [s.yaml]\npatches: [{ path: p.yaml, target: { kind: Secret } }]",
      "s.yaml": secret,
      "p.yaml": patch,
    },
  ],
]

const broken = fc.constantFrom(
  ":",
  "-",
  "\t",
  "'",
  '"',
  "{",
  "]",
  "\n",
  "\n  ",
  ": ",
  "&a ",
  "*b",
  "!!int ",
  "%",
  "\0",
  "#",
  "- ",
)

test.each(trees)("%s: however it is broken, no error holds a secret", async (victim, files) => {
  const text = files[victim]!
  const change = fc.tuple(fc.nat(text.length), broken, fc.nat(2))
  await fc.assert(
    fc.asyncProperty(change, async ([at, junk, removed]) => {
      const changed = text.slice(0, at) + junk + text.slice(at + removed)
      let error: unknown = await build(filesOf({ ...files, [victim]: changed }), "").catch((thrown: unknown) => thrown)
      for (; error instanceof Error; error = error.cause) {
        expect(`${error.message}${JSON.stringify(Object.entries(error))}`).not.toMatch(/unter2|marker/)
      }
    }),
    { numRuns: 200 },
  )
})

test("what is no secret is shown", () => {
  expect(frameOf(kustomization, 1)).toBe("> 1 | resources: [s.yaml]\n  2 | secretGenerator:")
  expect(frameOf(secret, 6, 3)).toBe(
    "  4 |   name: …\n  5 | stringData:\n> 6 |   password: …\n    |   ^\n  7 |   text: …",
  )
  expect(frameOf(kustomization, 5)).toContain("> 5 |   - password=…")
})

test("a base64 line of a Secret is no literal", () => {
  expect(frameOf("kind: Secret\ndata:\n  key: |\n    c2VjcmV0=\n", 4)).toContain("> 4 |     …")
})
