import { formatTime, parseJson } from "@gitops-toolkit/kube"
import { type Field, type FieldType, type StructType, typeOfKind } from "../kinds/types.ts"

/** The deepest nesting that is read. */
const depthLimit = 200

/** Where a message is being read. */
interface Reader {
  readonly bytes: Uint8Array
  at: number
}

const malformed = (why: string): Error => new Error(`the body is no protobuf of a known kind: ${why}`)

const decoder = new TextDecoder("utf-8", { fatal: true })

/**
 * An object in the JSON form of its kind, read from Kubernetes' protobuf: the magic number, then an envelope with
 * `apiVersion`, `kind` and the object. Only built-in kinds have such a form. Throws an `Error` for anything else.
 */
export function readProtobuf(bytes: Uint8Array): unknown {
  if (!(bytes instanceof Uint8Array) || decoder.decode(bytes.subarray(0, 4)) !== "k8s\0")
    throw malformed("magic number")
  let [apiVersion, kind] = ["", ""]
  let raw = new Uint8Array()
  for (const { number, value } of fieldsOf(bytes.subarray(4))) {
    if (number === 2 && value instanceof Uint8Array) raw = value as typeof raw
    if (number !== 1 || !(value instanceof Uint8Array)) continue
    for (const part of fieldsOf(value)) {
      if (part.number === 1) apiVersion = textOf(part.value)
      if (part.number === 2) kind = textOf(part.value)
    }
  }
  const type = typeOfKind(kind === "DeleteOptions" ? "meta.k8s.io/v1" : apiVersion, kind)
  if (!type) throw malformed(`no such kind: ${apiVersion}, Kind=${kind}`)
  return { apiVersion, kind, ...readMessage(raw, planOf(type), 0) }
}

/** A field by its number, or those of an embedded struct. */
type Plan = Map<number, Field | Plan>

const plans = new WeakMap<StructType, Plan>()

function planOf(type: StructType): Plan {
  const known = plans.get(type)
  if (known) return known
  const plan: Plan = new Map()
  plans.set(type, plan)
  for (const field of type.fields.values()) {
    let within = plan
    for (const number of field.numbers.slice(0, -1)) {
      const next = within.get(number)
      const inner: Plan = next instanceof Map ? next : new Map()
      within.set(number, inner)
      within = inner
    }
    const last = field.numbers.at(-1)
    if (last !== undefined) within.set(last, field)
  }
  return plan
}

function readMessage(bytes: Uint8Array, plan: Plan, depth: number): Record<string, unknown> {
  if (depth > depthLimit) throw malformed("nested too deeply")
  const found: Record<string, unknown> = {}
  for (const { number, value } of fieldsOf(bytes)) {
    const field = plan.get(number)
    if (field instanceof Map) Object.assign(found, readMessage(bytesOf(value), field, depth + 1))
    else if (field) put(found, field, { value, depth })
  }
  return found
}

function put(
  found: Record<string, unknown>,
  { name, type }: Field,
  { value, depth }: { readonly value: WireValue; readonly depth: number },
): void {
  if (type.kind === "list") {
    const list = (found[name] ??= []) as unknown[]
    list.push(...itemsOf(value, type.item!, depth))
  } else if (type.kind === "map") {
    const [key, item] = entryOf(value, type.item!, depth)
    // Defined, not assigned: the name may be `__proto__`.
    const property = { value: item, enumerable: true, configurable: true, writable: true }
    Object.defineProperty((found[name] ??= {}), key, property)
  } else {
    const read = readValue(value, type, depth)
    // Go writes zero values; in JSON they are left out, unless they were pointed to.
    if (type.pointer || !isZero(read)) found[name] = read
  }
}

function isZero(value: unknown): boolean {
  return value === "" || value === 0 || value === false || value === undefined || value === null
}

function itemsOf(value: WireValue, item: FieldType, depth: number): unknown[] {
  const packed = value instanceof Uint8Array && (item.kind === "int32" || item.kind === "int64")
  if (!packed) return [readValue(value, item, depth)]
  const reader = { bytes: value, at: 0 }
  const items: unknown[] = []
  while (reader.at < value.length) items.push(integerOf(readVarint(reader)))
  return items
}

function entryOf(value: WireValue, item: FieldType, depth: number): [key: string, value: unknown] {
  let key = ""
  let found: unknown = emptyOf(item)
  for (const part of fieldsOf(bytesOf(value))) {
    if (part.number === 1) key = textOf(part.value)
    if (part.number === 2) found = readValue(part.value, item, depth)
  }
  return [key, found]
}

function emptyOf({ kind }: FieldType): unknown {
  if (kind === "string" || kind === "bytes") return ""
  return kind === "list" ? [] : kind === "struct" || kind === "map" ? {} : kind === "boolean" ? false : 0
}

function readValue(value: WireValue, type: FieldType, depth: number): unknown {
  switch (type.kind) {
    case "string":
      return textOf(value)
    case "boolean":
      return varintOf(value) !== 0n
    case "int32":
    case "int64":
      return integerOf(varintOf(value))
    case "double":
      return typeof value === "number" ? value : 0
    case "bytes":
      return Buffer.from(bytesOf(value)).toString("base64")
    case "struct":
      return readMessage(bytesOf(value), planOf(type.struct!), depth + 1)
    case "quantity":
      return textOf(partsOf(value).get(1) ?? new Uint8Array())
    case "time":
    case "microTime":
      return readTime(value, type.kind === "microTime")
    case "duration":
      return `${Number(varintOf(partsOf(value).get(1) ?? 0n)) / 1e9}s`
    case "intOrString":
      return readIntOrString(partsOf(value))
    case "any":
    case "fieldsV1":
      return readRaw(partsOf(value).get(1))
    default:
      throw malformed(`a ${type.kind} within a list or map`)
  }
}

function readIntOrString(parts: ReadonlyMap<number, WireValue>): unknown {
  if (varintOf(parts.get(1) ?? 0n) === 0n) return integerOf(varintOf(parts.get(2) ?? 0n))
  return textOf(parts.get(3) ?? new Uint8Array())
}

function readRaw(raw: WireValue | undefined): unknown {
  return raw === undefined || bytesOf(raw).length === 0 ? undefined : parseJson(textOf(raw))
}

function readTime(value: WireValue, micro: boolean): string | null {
  const parts = partsOf(value)
  if (parts.size === 0) return null
  const seconds = Number(BigInt.asIntN(64, varintOf(parts.get(1) ?? 0n)))
  if (Math.abs(seconds) > 8e12) throw malformed("a time beyond all times")
  const text = formatTime(new Date(seconds * 1000))
  const micros = Math.floor(Number(varintOf(parts.get(2) ?? 0n)) / 1000)
  return micro ? text.replace("Z", `.${String(micros).padStart(6, "0")}Z`) : text
}

/** What stands in a field: a varint, a length and bytes, or a fixed number. */
type WireValue = bigint | Uint8Array | number

function partsOf(value: WireValue): Map<number, WireValue> {
  return new Map(fieldsOf(bytesOf(value)).map((part) => [part.number, part.value]))
}

function bytesOf(value: WireValue): Uint8Array {
  if (value instanceof Uint8Array) return value
  throw malformed("a number where a message is")
}

function textOf(value: WireValue): string {
  return decoder.decode(bytesOf(value))
}

function varintOf(value: WireValue): bigint {
  if (typeof value === "bigint") return value
  throw malformed("a message where a number is")
}

function integerOf(value: bigint): number | bigint {
  const signed = BigInt.asIntN(64, value)
  const number = Number(signed)
  return Number.isSafeInteger(number) ? number : signed
}

function fieldsOf(bytes: Uint8Array): { readonly number: number; readonly value: WireValue }[] {
  const reader: Reader = { bytes, at: 0 }
  const fields: { readonly number: number; readonly value: WireValue }[] = []
  while (reader.at < bytes.length) {
    const tag = Number(readVarint(reader))
    fields.push({ number: Math.floor(tag / 8), value: readWire(reader, tag % 8) })
  }
  return fields
}

function readWire(reader: Reader, type: number): WireValue {
  if (type === 0) return readVarint(reader)
  if (type === 2) return take(reader, Number(readVarint(reader)))
  if (type !== 1 && type !== 5) throw malformed("an unknown wire type")
  const fixed = take(reader, type === 1 ? 8 : 4)
  const view = new DataView(fixed.buffer, fixed.byteOffset, fixed.byteLength)
  return type === 1 ? view.getFloat64(0, true) : view.getFloat32(0, true)
}

function take(reader: Reader, length: number): Uint8Array {
  const end = reader.at + length
  if (end > reader.bytes.length) throw malformed("it ends too early")
  const taken = reader.bytes.subarray(reader.at, end)
  reader.at = end
  return taken
}

function readVarint(reader: Reader): bigint {
  let value = 0n
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = reader.bytes[reader.at++]
    if (byte === undefined) throw malformed("it ends too early")
    value |= BigInt(byte & 0x7f) << shift
    if (byte < 0x80) return BigInt.asUintN(64, value)
  }
  throw malformed("a number is too long")
}
