import { wireJson } from "../../wire/write.ts"
import type { Schemas } from "./built-in-schemas.ts"

type Schema = Schemas[string]
type Write = (value: unknown) => Buffer

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128)
  bytes.push(rest)
  return Buffer.from(bytes)
}

/** A field of a message with its length in front: a text, or a message within. */
function field(number: number, content: Buffer): Buffer {
  return Buffer.concat([varint((number << 3) | 2), varint(content.length), content])
}

const text: Write = (value) => Buffer.from(String(value))
/** A value of any kind, as YAML. */
const any: Write = (value) => field(2, text(wireJson(value)))
const named = (name: string, value: Buffer): Buffer => Buffer.concat([field(1, text(name)), field(2, value)])
const each =
  (number: number, write: Write): Write =>
  (values) =>
    Buffer.concat((values as readonly unknown[]).map((value) => field(number, write(value))))
const members: Write = (schemas) =>
  Buffer.concat(
    Object.entries(schemas as Schemas).map(([name, schema]) => field(1, named(name, schemaMessage(schema)))),
  )
const schemaMessage: Write = (schema) => printSchema(schema as Schema)

const bool =
  (number: number): Write =>
  (value) =>
    Buffer.concat([varint(number << 3), varint(value ? 1 : 0)])
const int =
  (number: number): Write =>
  (value) =>
    Buffer.concat([varint(number << 3), varint(Math.max(0, Number(value)))])
const message =
  (number: number, write: Write): Write =>
  (value) =>
    field(number, write(value))
function double(number: number): Write {
  return (value) => {
    const bytes = Buffer.alloc(8)
    bytes.writeDoubleLE(Number(value))
    return Buffer.concat([varint((number << 3) | 1), bytes])
  }
}

/** How the keywords of a schema are written, in the order of their fields in gnostic's `OpenAPIv2.proto`. */
const keywords: ReadonlyMap<string, Write> = new Map([
  ["$ref", message(1, text)],
  ["format", message(2, text)],
  ["title", message(3, text)],
  ["description", message(4, text)],
  ["multipleOf", double(6)],
  ["maximum", double(7)],
  ["exclusiveMaximum", bool(8)],
  ["minimum", double(9)],
  ["exclusiveMinimum", bool(10)],
  ["maxLength", int(11)],
  ["minLength", int(12)],
  ["pattern", message(13, text)],
  ["maxItems", int(14)],
  ["minItems", int(15)],
  ["uniqueItems", bool(16)],
  ["maxProperties", int(17)],
  ["minProperties", int(18)],
  ["required", each(19, text)],
  ["enum", each(20, any)],
  [
    "additionalProperties",
    message(21, (value) => (typeof value === "object" ? field(1, schemaMessage(value)) : bool(2)(value))),
  ],
  ["type", message(22, (value) => field(1, text(value)))],
  ["items", message(23, (value) => field(1, schemaMessage(value)))],
  ["properties", message(25, members)],
])

function printSchema(schema: Schema): Buffer {
  const parts: Buffer[] = []
  for (const [keyword, write] of keywords) if (schema[keyword] !== undefined) parts.push(write(schema[keyword]))
  for (const [name, value] of Object.entries(schema)) {
    if (name.startsWith("x-")) parts.push(field(31, named(name, any(value))))
  }
  return Buffer.concat(parts)
}

/** A swagger document without paths as protobuf, in the messages that gnostic defines and kubectl reads. */
export function printSwagger(
  { title, version }: { readonly title: string; readonly version: string },
  definitions: Schemas,
): Buffer {
  const info = Buffer.concat([field(1, text(title)), field(2, text(version))])
  return Buffer.concat([field(1, text("2.0")), field(2, info), field(9, members(definitions))])
}
