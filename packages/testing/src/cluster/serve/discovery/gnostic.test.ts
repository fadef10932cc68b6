import { expect, test } from "vitest"
import { printSwagger } from "./gnostic.ts"

type Message = {
  readonly [name: string]: readonly [number: number, type: "text" | "int" | "bool" | "double" | Message]
}

const any: Message = { yaml: [2, "text"] }
const schema: Record<string, Message[string]> = {
  $ref: [1, "text"],
  description: [4, "text"],
  minimum: [9, "double"],
  exclusiveMinimum: [10, "bool"],
  maxLength: [11, "int"],
  required: [19, "text"],
  enum: [20, any],
  type: [22, { value: [1, "text"] }],
  extensions: [31, { name: [1, "text"], value: [2, any] }],
}
schema["additionalProperties"] = [21, { schema: [1, schema], boolean: [2, "bool"] }]
schema["items"] = [23, { schema: [1, schema] }]
const members: Message = { member: [1, { name: [1, "text"], value: [2, schema] }] }
schema["properties"] = [25, members]
const swagger: Message = {
  swagger: [1, "text"],
  info: [2, { title: [1, "text"], version: [2, "text"] }],
  definitions: [9, members],
}

/** The fields of a message, in order, by the names of gnostic's `OpenAPIv2.proto`. */
function read(bytes: Buffer, message: Message): unknown[] {
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at++]!
      value += (byte % 128) * factor
      if (byte < 128) return value
    }
  }
  const fields: unknown[] = []
  while (at < bytes.length) {
    const tag = varint()
    const [name, [, type]] = Object.entries(message).find(([, [number]]) => number === tag >> 3)!
    if (tag % 8 === 1) fields.push({ [name]: bytes.readDoubleLE((at += 8) - 8) })
    else if (tag % 8 === 0) fields.push({ [name]: type === "bool" ? varint() === 1 : varint() })
    else {
      const size = varint()
      const content = bytes.subarray(at, (at += size))
      fields.push({ [name]: typeof type === "object" ? read(content, type) : content.toString() })
    }
  }
  return fields
}

test("definitions are written in the messages that kubectl reads", () => {
  const definitions = {
    A: {
      description: "Ä line\nand a next",
      type: "object",
      required: ["b", "c"],
      properties: {
        b: { type: "integer", minimum: -1.5, exclusiveMinimum: true, enum: [1, 300n] },
        c: { type: "array", items: { $ref: "#/definitions/A" } },
        d: { type: "object", additionalProperties: { type: "string", maxLength: 300 } },
        e: { additionalProperties: true },
      },
      "x-kinds": [{ group: "", kind: "A" }],
    },
  }
  const printed = printSwagger({ title: "Kubernetes", version: "v1" }, definitions)
  const object = { type: [{ value: "object" }] }
  const member = (name: string, value: object[]): object => ({ member: [{ name }, { value }] })
  expect(read(printed, swagger)).toEqual([
    { swagger: "2.0" },
    { info: [{ title: "Kubernetes" }, { version: "v1" }] },
    {
      definitions: [
        member("A", [
          { description: "Ä line\nand a next" },
          { required: "b" },
          { required: "c" },
          object,
          {
            properties: [
              member("b", [
                { minimum: -1.5 },
                { exclusiveMinimum: true },
                { enum: [{ yaml: "1" }] },
                { enum: [{ yaml: "300" }] },
                { type: [{ value: "integer" }] },
              ]),
              member("c", [{ type: [{ value: "array" }] }, { items: [{ schema: [{ $ref: "#/definitions/A" }] }] }]),
              member("d", [
                { additionalProperties: [{ schema: [{ maxLength: 300 }, { type: [{ value: "string" }] }] }] },
                object,
              ]),
              member("e", [{ additionalProperties: [{ boolean: true }] }]),
            ],
          },
          { extensions: [{ name: "x-kinds" }, { value: [{ yaml: '[{"group":"","kind":"A"}]' }] }] },
        ]),
      ],
    },
  ])
})
