import { describe, expect, test } from "vitest"
import * as z from "zod"
import { crdOf } from "./crd.ts"
import { defineKind } from "./kind.ts"

const names = { group: "apps.example.com", version: "v1", kind: "App" }

type Json = { readonly [field: string]: any }
const versionOf = (crd: Json): Json => crd["spec"].versions[0]
const specOf = (spec: z.ZodType): Json =>
  versionOf(crdOf(defineKind({ ...names, spec })))["schema"].openAPIV3Schema.properties.spec
const fieldOf = (schema: z.ZodType): Json => specOf(z.object({ field: schema }))["properties"].field

describe("crdOf", () => {
  test("names, columns, scope", () => {
    const kind = defineKind({
      ...names,
      spec: z.object({ repo: z.string() }),
      columns: [{ name: "Repo", jsonPath: ".spec.repo", priority: 1 }],
      shortNames: ["ap"],
      categories: ["all"],
    })
    const crd = crdOf(kind) as Json
    expect(crd["metadata"]).toEqual({ name: "apps.apps.example.com" })
    expect(crd["spec"].names).toEqual({
      kind: "App",
      listKind: "AppList",
      plural: "apps",
      singular: "app",
      shortNames: ["ap"],
      categories: ["all"],
    })
    expect(crd["spec"].scope).toBe("Namespaced")
    expect(versionOf(crd)["additionalPrinterColumns"].map((column: Json) => column["name"])).toEqual([
      "Repo",
      "Ready",
      "Status",
      "Age",
    ])
    expect(versionOf(crd)["subresources"]).toEqual({ status: {} })
  })

  test("every status has the common fields, requires nothing and keeps what it does not know", () => {
    const kind = defineKind({ ...names, spec: z.object({}), status: z.object({ phase: z.string() }) })
    const status = versionOf(crdOf(kind))["schema"].openAPIV3Schema.properties.status
    expect(Object.keys(status.properties)).toEqual([
      "phase",
      "conditions",
      "observedGeneration",
      "revision",
      "lastHandledReconcileAt",
      "inventory",
    ])
    expect([status["x-kubernetes-preserve-unknown-fields"], status.required]).toEqual([true, undefined])
  })

  test.each([
    ["a plural", "Policy", "policies"],
    ["a plural", "Class", "classes"],
    ["a plural", "Gateway", "gateways"],
  ])("%s: %s → %s", (_title, kind, plural) =>
    expect(defineKind({ ...names, kind, spec: z.object({}) }).plural).toBe(plural),
  )

  test.each([
    ["group", { ...names, group: "nodots" }],
    ["version", { ...names, version: "1" }],
    ["kind", { ...names, kind: "app" }],
    ["plural", { ...names, plural: "A" }],
  ])("refuses a bad %s", (_title, options) =>
    expect(() => defineKind({ ...options, spec: z.object({}) })).toThrow("[InvalidKind]"),
  )
})

describe("the structural schema", () => {
  const open = { "x-kubernetes-preserve-unknown-fields": true }
  const anything = { ...open, nullable: true }
  const both = z.object({ a: z.string() }).and(z.object({ b: z.int().max(9) }))
  const either = z.discriminatedUnion("type", [
    z.object({ type: z.literal("git"), url: z.url() }),
    z.object({ type: z.literal("oci"), tag: z.string().nullable() }),
  ])
  const tree = z.object({
    name: z.string(),
    get children() {
      return z.array(tree).optional()
    },
  })
  test.each<[string, z.ZodType, object]>([
    ["a text", z.string().min(1), { type: "string", minLength: 1 }],
    ["a pattern", z.string().regex(/^[a-z]+$/), { type: "string", pattern: "^[a-z]+$" }],
    ["a pattern that RE2 has not", z.string().regex(/^(?!x)/), { type: "string" }],
    ["a format that the server knows", z.url(), { type: "string", format: "uri" }],
    ["a format that means something else there", z.iso.duration(), { type: "string" }],
    ["a choice", z.enum(["a", "b"]), { type: "string", enum: ["a", "b"] }],
    ["a default", z.boolean().default(true), { type: "boolean", default: true }],
    ["a big integer", z.bigint(), { type: "integer", format: "int64" }],
    ["int or string", z.union([z.int(), z.string()]), { "x-kubernetes-int-or-string": true }],
    ["nullable", z.string().nullable(), { type: "string", nullable: true }],
    [
      "a nullable choice, which the server could not check",
      z.enum(["a"]).nullable(),
      { type: "string", nullable: true },
    ],
    ["nothing", z.null(), anything],
    ["anything", z.unknown(), anything],
    ["a list", z.array(z.boolean()).max(3), { type: "array", items: { type: "boolean" }, maxItems: 3 }],
    ["a record", z.record(z.string(), z.string()), { type: "object", additionalProperties: { type: "string" } }],
    ["a record of anything", z.record(z.string(), z.unknown()), { type: "object", ...open }],
    [
      "a strict object",
      z.strictObject({ a: z.boolean() }),
      { type: "object", properties: { a: { type: "boolean" } }, required: ["a"] },
    ],
    [
      "a loose object",
      z.looseObject({ a: z.boolean().optional() }),
      { type: "object", properties: { a: { type: "boolean" } }, ...open },
    ],
    [
      "an intersection",
      both,
      {
        type: "object",
        properties: { a: { type: "string" }, b: { type: "integer", maximum: 9, minimum: -(2 ** 53 - 1) } },
        required: ["a", "b"],
      },
    ],
    [
      "a union of objects: all their fields, required where all require it",
      either,
      {
        type: "object",
        properties: {
          type: { type: "string", enum: ["git", "oci"] },
          url: { type: "string", format: "uri" },
          tag: { type: "string", nullable: true },
        },
        required: ["type"],
      },
    ],
    ["a union of a kind", z.union([z.literal("x"), z.string().min(3)]), { type: "string" }],
    ["a union of kinds", z.union([z.boolean(), z.array(z.string())]), anything],
    [
      "what was written for the server",
      z.array(z.string()).meta({ "x-kubernetes-list-type": "set" }),
      { type: "array", items: { type: "string" }, "x-kubernetes-list-type": "set" },
    ],
  ])("%s", (_title, schema, wanted) => expect(fieldOf(schema)).toEqual(wanted))

  test("recursion ends in anything", () => {
    expect(specOf(tree)["properties"].children).toEqual({ type: "array", items: anything })
  })

  test("defaults are not required", () => {
    expect(specOf(z.object({ a: z.string().default("x"), b: z.string() }))["required"]).toEqual(["b"])
  })
})
