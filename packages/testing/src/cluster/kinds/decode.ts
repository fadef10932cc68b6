import { parseQuantity, printQuantity, setOwn } from "@gitops-toolkit/kube"
import { type Field, type FieldType, type StructType, zeroOf } from "./types.ts"

/** A typed reading of a value: what the server would have after decoding and encoding it. */
export interface Decoded {
  readonly value: Record<string, unknown>
  /** Paths of members that the type does not know, in the server's notation. */
  readonly unknown: readonly string[]
  /** The first thing that is of the wrong type, in Go's words. */
  readonly error?: string
}

interface Reading {
  readonly path: (string | number)[]
  /** The fields of structs on the way: how Go's messages tell a place. */
  readonly names: string[]
  readonly structs: string[]
  readonly unknown: string[]
  readonly keepEmpty: boolean
  /** The first value that does not fit its type: Go goes on and tells it at the end. */
  error: string | undefined
  /** The first text that its type cannot read: Go stops there, and tells nothing else. */
  fatal: string | undefined
}

const jsonTypes: { readonly [type: string]: string } = {
  string: "string",
  number: "number",
  bigint: "number",
  boolean: "bool",
  object: "object",
}

/**
 * Reads `value` as the server reads a body of a built-in kind: unknown members are dropped and reported, `null` is
 * absent, empty values are written or not as Go's tags say, quantities and base64 are normalized. Never throws.
 * `keepEmpty` keeps empty maps and lists that are given, whatever their tags say.
 */
export function decodeStruct(value: unknown, type: StructType, keepEmpty: boolean = false): Decoded {
  const reading: Reading = {
    path: [],
    names: [],
    structs: [],
    unknown: [],
    keepEmpty,
    error: undefined,
    fatal: undefined,
  }
  const read = readStruct(value, type, reading)
  const error = reading.fatal ?? reading.error
  return {
    value: read,
    unknown: reading.unknown,
    ...(error === undefined ? {} : { error }),
  }
}

/** The path in the server's notation: `spec.containers[0].name`. */
export function printPath(path: readonly (string | number)[]): string {
  let text = ""
  for (const part of path) text += typeof part === "number" ? `[${part}]` : text === "" ? part : `.${part}`
  return text
}

/** The fields of a struct by number, and which of them are nothing when they are absent: nearly all. */
interface Layout {
  readonly numbers: ReadonlyMap<string, number>
  readonly fields: readonly Field[]
  /** How messages name the fields. */
  readonly told: readonly string[]
  readonly skipped: readonly boolean[]
}

const layouts = new WeakMap<StructType, Layout>()

function layoutOf(type: StructType): Layout {
  let layout = layouts.get(type)
  if (!layout) {
    const fields = [...type.fields.values()]
    layout = {
      numbers: new Map(fields.map(({ name }, index) => [name, index])),
      fields,
      told: fields.map(({ name, numbers }) => (numbers.length > 1 ? `${embeddedIn(type)}.${name}` : name)),
      skipped: fields.map(
        ({ type: { kind, pointer }, empty }) =>
          (pointer || (kind !== "struct" && !goStructs.has(kind)) || (kind !== "struct" && empty === "omitZero")) &&
          empty !== "keep",
      ),
    }
    layouts.set(type, layout)
  }
  return layout
}

/** The struct that some structs embed: messages name it on the way. */
const embedded: { readonly [struct: string]: string } = {
  EphemeralContainer: "EphemeralContainerCommon",
  IngressRule: "IngressRuleValue",
  NamedRuleWithOperations: "RuleWithOperations",
  PersistentVolumeSpec: "PersistentVolumeSource",
  Probe: "ProbeHandler",
  RuleWithOperations: "Rule",
  Volume: "VolumeSource",
}

const embeddedIn = ({ name }: StructType): string =>
  Object.hasOwn(embedded, name) ? embedded[name]! : "LocalObjectReference"

function readStruct(value: unknown, type: StructType, reading: Reading): Record<string, unknown> {
  const source = value as Record<string, unknown>
  const { numbers, fields, told, skipped } = layoutOf(type)
  const given: unknown[] = []
  given.length = fields.length // made at once, not grown
  reading.structs.push(type.name)
  // In the order of the text, since only the first fault is told and unknown members are told in their order.
  for (const name of Object.keys(source)) {
    const number = numbers.get(name)
    if (number === undefined) {
      noteUnknown(reading, name)
      continue
    }
    const member = source[name]
    if (member === undefined || member === null) continue
    reading.path.push(name)
    reading.names.push(told[number]!)
    given[number] = readValue(member, fields[number]!.type, reading)
    reading.names.pop()
    reading.path.pop()
  }
  const out: Record<string, unknown> = {}
  for (let number = 0; number < fields.length; number++) {
    const member = given[number]
    if (member === undefined && skipped[number]) continue
    const field = fields[number]!
    const read = written(member, field, reading)
    if (read !== undefined) out[field.name] = read
  }
  reading.structs.pop()
  return out
}

function noteUnknown(reading: Reading, name: string): void {
  if (reading.unknown.length >= 100) return
  reading.path.push(name)
  reading.unknown.push(printPath(reading.path))
  reading.path.pop()
}

/** What is written of a field: nothing of an empty one, but for structs and where the tag says so. */
function written(read: unknown, { type, empty }: Field, reading: Reading): unknown {
  if (type.kind === "struct" && !type.pointer) {
    const struct = (read ?? readStruct({}, type.struct!, reading)) as Record<string, unknown>
    return empty === "omitZero" && isEmpty(struct) ? undefined : struct
  }
  if (read !== undefined && (type.pointer || !isEmpty(read))) return read
  if (reading.keepEmpty && typeof read === "object") return read
  // Go writes structs whatever their tag says, and these are structs there.
  if (!type.pointer && goStructs.has(type.kind)) return empty === "omitZero" ? undefined : emptyOf(type, read)
  return empty === "keep" ? emptyOf(type, read) : undefined
}

const goStructs: ReadonlySet<FieldType["kind"]> = new Set([
  "time",
  "microTime",
  "quantity",
  "intOrString",
  "duration",
  "any",
])

function isEmpty(value: unknown): boolean {
  if (value === "" || value === 0 || value === false || value === 0n) return true
  if (typeof value !== "object" || value === null) return false
  if (Array.isArray(value)) return value.length === 0
  for (const name in value) if (Object.hasOwn(value, name)) return false
  return true
}

const emptyOf = (type: FieldType, read: unknown): unknown => (read === undefined ? zeroOf(type) : read)

function readValue(given: unknown, type: FieldType, reading: Reading): unknown {
  switch (type.kind) {
    case "struct":
      return isMap(given) ? readStruct(given, type.struct!, reading) : mismatch(given, type, reading)
    case "list":
      return Array.isArray(given) ? readList(given, type.item!, reading) : mismatch(given, type, reading)
    case "map":
      return isMap(given) ? readMap(given, type.item!, reading) : mismatch(given, type, reading)
    case "any":
      return given
    case "fieldsV1":
      return isMap(given) ? given : mismatch(given, type, reading)
    default:
      return readScalar(given, type, reading)
  }
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

function readList(given: readonly unknown[], item: FieldType, reading: Reading): unknown[] {
  return given.map((value, index) => {
    reading.path.push(index)
    const read = value === null || value === undefined ? emptyItem(item, reading) : readValue(value, item, reading)
    reading.path.pop()
    return read ?? emptyOf(item, undefined)
  })
}

function emptyItem(item: FieldType, reading: Reading): unknown {
  if (item.pointer) return null
  if (item.kind === "bytes") return ""
  return item.kind === "struct" ? readStruct({}, item.struct!, reading) : emptyOf(item, undefined)
}

function readMap(given: Record<string, unknown>, item: FieldType, reading: Reading): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  for (const name of Object.keys(given)) {
    const value = given[name]
    reading.path.push(name)
    const read = value === null || value === undefined ? emptyItem(item, reading) : readValue(value, item, reading)
    reading.path.pop()
    setOwn(out, name, read ?? emptyOf(item, undefined))
  }
  return out
}

function readScalar(given: unknown, type: FieldType, reading: Reading): unknown {
  switch (type.kind) {
    case "string":
      return typeof given === "string" ? given : mismatch(given, type, reading)
    case "boolean":
      return typeof given === "boolean" ? given : mismatch(given, type, reading)
    case "double":
      return typeof given === "number" ? given : mismatch(given, type, reading)
    case "int32":
    case "int64":
      return readInteger(given, type, reading)
    case "intOrString":
      return typeof given === "string" ? given : readInteger(given, type, reading)
    case "quantity":
      return readQuantity(given, type, reading)
    case "bytes":
      return readBytes(given, type, reading)
    default:
      return readTime(given, type, reading)
  }
}

function readInteger(given: unknown, type: FieldType, reading: Reading): unknown {
  // Powers of two are exact in doubles, and compare exactly with bigints.
  const limit = type.kind === "int64" ? 2 ** 63 : 2 ** 31
  const isWhole = typeof given === "bigint" || (typeof given === "number" && Number.isInteger(given))
  if (isWhole && given < limit && given >= -limit) return given
  return mismatch(given, type, reading)
}

function readQuantity(given: unknown, type: FieldType, reading: Reading): unknown {
  if (typeof given !== "string" && typeof given !== "number") return mismatch(given, type, reading)
  try {
    return printQuantity(parseQuantity(String(given)))
  } catch {
    return abort(reading, quantityMessage(String(given)))
  }
}

function quantityMessage(text: string): string {
  return text !== "" && /^[+-]?\d*(?:\.\d*)?[eEinumkKMGTP]*[-+]?\d*$/.test(text)
    ? "unable to parse quantity's suffix"
    : "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
}

function readBytes(given: unknown, type: FieldType, reading: Reading): unknown {
  if (typeof given !== "string") return mismatch(given, type, reading)
  const text = given.replaceAll(/[\r\n]/g, "")
  const bad = /[^A-Za-z0-9+/]/.exec(text.replace(/={1,2}$/, ""))
  const at = bad ? bad.index : text.length % 4 === 0 ? -1 : text.length - (text.length % 4)
  return at < 0 ? text : fail(reading, `illegal base64 data at input byte ${at}`)
}

const timePattern = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)$/

function readTime(given: unknown, type: FieldType, reading: Reading): unknown {
  if (typeof given !== "string") {
    const field = `${reading.structs.at(-1) ?? ""}.${reading.names.join(".")}`
    return abort(reading, `json: cannot unmarshal ${jsonTypeOf(given)} into Go struct field ${field} of type string`)
  }
  // Objects that are written in the same second share their times.
  if (type.kind === "duration" || (type.kind === "time" && given === lastTime)) return given
  const micro = type.kind === "microTime"
  const match = timePattern.exec(given)
  const bad = timeFault(given, match, micro)
  if (bad !== undefined) {
    const layout = micro ? "2006-01-02T15:04:05.000000Z07:00" : "2006-01-02T15:04:05Z07:00"
    return abort(reading, `parsing time ${timeText(given)} as ${JSON.stringify(layout)}: ${bad}`)
  }
  const utc = new Date(given).toISOString()
  if (micro) return utc.replace(/\.\d+Z$/, `${match![7]!}Z`)
  return (lastTime = utc.replace(/\.\d+Z$/, "Z"))
}

/** The last time that was read, as it is written. */
let lastTime: string | undefined

/** A text as Go quotes one that is no time: what is not ASCII byte by byte. */
function timeText(text: string): string {
  const bytes = (part: string): string =>
    Array.from(Buffer.from(part, "utf8"), (byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("")
  return `"${text.replaceAll(/["\\]/g, "\\$&").replaceAll(/[^\x20-\x7e]+/g, bytes)}"`
}

function timeFault(text: string, match: RegExpExecArray | null, micro: boolean): string | undefined {
  if (!match) return `cannot parse ${timeText(text)} as "2006"`
  if (Number.isNaN(Date.parse(text))) return "day out of range"
  if (!micro) return undefined
  const fraction = match[7] ?? ""
  return fraction.length === 7 ? undefined : `cannot parse ${JSON.stringify(fraction + match[8])} as ".000000"`
}

function jsonTypeOf(given: unknown): string {
  return Array.isArray(given) ? "array" : (jsonTypes[typeof given] ?? "null")
}

function mismatch(given: unknown, type: FieldType, reading: Reading): undefined {
  const isNumber = typeof given === "number" || typeof given === "bigint"
  const wanted = type.kind === "int32" || type.kind === "int64" || type.kind === "intOrString"
  const what = isNumber && wanted ? `number ${given}` : jsonTypeOf(given)
  const field = `${reading.structs.at(-1) ?? ""}.${reading.names.join(".")}`
  const goName = type.kind === "intOrString" ? "int32" : type.goName
  const message = `json: cannot unmarshal ${what} into Go struct field ${field} of type ${goName}`
  return type.kind === "intOrString" ? abort(reading, message) : fail(reading, message)
}

function abort(reading: Reading, message: string): undefined {
  reading.fatal ??= message
  return undefined
}

function fail(reading: Reading, message: string): undefined {
  reading.error ??= message
  return undefined
}
