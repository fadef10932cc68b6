import { builtInTypes } from "./types.generated.ts"

/** The JSON type of a field of a built-in kind, as its Go type has it. */
export interface FieldType {
  readonly kind:
    | "string"
    | "boolean"
    | "int32"
    | "int64"
    | "double"
    | "bytes"
    | "time"
    | "microTime"
    | "quantity"
    | "duration"
    | "intOrString"
    | "any"
    | "fieldsV1"
    | "list"
    | "map"
    | "struct"
  readonly pointer: boolean
  /** How Go names the type in its messages: `int32`, `[]v1.Container`. */
  readonly goName: string
  /** Of lists and maps. */
  readonly item?: FieldType
  readonly struct?: StructType
}

/** One member of a struct. */
export interface Field {
  readonly name: string
  readonly type: FieldType
  /** What is written of an empty value: nothing, nothing of an empty struct either, or the empty value itself. */
  readonly empty: "omit" | "omitZero" | "keep"
  /** Its number in protobuf; two numbers for a field of an embedded struct, none when it is not written there. */
  readonly numbers: readonly number[]
}

/** A struct: its members by name, in Go's order. */
export interface StructType {
  /** The Go name without its package. */
  readonly name: string
  /** The Go name with group and version: `apps/v1.Deployment`. */
  readonly path: string
  readonly fields: ReadonlyMap<string, Field>
}

interface Tables {
  readonly structs: Map<string, string>
  readonly kinds: Map<string, string>
  readonly made: Map<string, StructType>
}

let tables: Tables | undefined

function read(): Tables {
  const structs = new Map<string, string>()
  const kinds = new Map<string, string>()
  for (const line of builtInTypes.trim().split("\n")) {
    if (line.startsWith("= ")) {
      const [, apiVersion, kind, type] = line.split(" ")
      kinds.set(`${apiVersion}/${kind}`, type!.slice(1))
    } else {
      const space = line.indexOf(" ")
      structs.set(space < 0 ? line : line.slice(0, space), space < 0 ? "" : line.slice(space + 1))
    }
  }
  return { structs, kinds, made: new Map() }
}

/** The type of a built-in kind, or undefined. Read lazily, one struct at a time. */
export function typeOfKind(apiVersion: string, kind: string): StructType | undefined {
  tables ??= read()
  const name = tables.kinds.get(`${apiVersion}/${kind}`)
  return name === undefined ? undefined : structOf(tables, name)
}

/** The struct of a Go name with group and version, like `core/v1.PodSpec`; undefined when there is none. */
export function structNamed(name: string): StructType | undefined {
  tables ??= read()
  return tables.structs.has(name) ? structOf(tables, name) : undefined
}

function structOf(all: Tables, name: string): StructType {
  const known = all.made.get(name)
  if (known) return known
  const fields = new Map<string, Field>()
  const struct: StructType = { name: name.slice(name.lastIndexOf(".") + 1), path: name, fields }
  all.made.set(name, struct)
  for (const word of all.structs.get(name)?.split(" ") ?? []) {
    const colon = word.indexOf(":")
    if (colon < 0) continue
    const mark = word.at(-1)
    const [text = "", path] = word.slice(colon + 1, mark === "!" || mark === "?" ? -1 : undefined).split("#")
    const empty = mark === "!" ? "keep" : mark === "?" ? "omitZero" : "omit"
    const numbers = path === undefined ? [] : path.split(".").map(Number)
    fields.set(word.slice(0, colon), { name: word.slice(0, colon), type: fieldType(all, text), empty, numbers })
  }
  return struct
}

/** What a field that nobody gave holds in Go, as JSON prints it. */
export function zeroOf({ kind, pointer }: FieldType): unknown {
  if (pointer) return null
  switch (kind) {
    case "string":
      return ""
    case "duration":
      return "0s"
    case "quantity":
      return "0"
    case "boolean":
      return false
    case "int32":
    case "int64":
    case "double":
    case "intOrString":
      return 0
    default:
      return null
  }
}

const scalars: { readonly [code: string]: readonly [FieldType["kind"], string] } = {
  s: ["string", "string"],
  b: ["boolean", "bool"],
  i: ["int32", "int32"],
  I: ["int64", "int64"],
  f: ["double", "float64"],
  y: ["bytes", "[]uint8"],
  T: ["time", "v1.Time"],
  M: ["microTime", "v1.MicroTime"],
  Q: ["quantity", "resource.Quantity"],
  D: ["duration", "v1.Duration"],
  O: ["intOrString", "intstr.IntOrString"],
  R: ["any", "runtime.RawExtension"],
  F: ["fieldsV1", "v1.FieldsV1"],
}

function fieldType(all: Tables, text: string): FieldType {
  const code = text[0]!
  const rest = text.slice(1)
  if (code === "*") return pointerTo(fieldType(all, rest))
  if (code === "[" || code === "{") {
    const item = fieldType(all, rest)
    const inner = item.pointer ? `*${item.goName}` : item.goName
    // The server's only maps of quantities.
    const map = item.kind === "quantity" ? "v1.ResourceList" : `map[string]${inner}`
    const goName = code === "[" ? `[]${inner}` : map
    return { kind: code === "[" ? "list" : "map", pointer: false, goName, item }
  }
  if (code === "@") {
    const goName = rest.slice(rest.lastIndexOf("/", rest.lastIndexOf(".")) + 1)
    return lazyStruct({ all, name: rest, goName })
  }
  const [kind, goName] = scalars[code]!
  return { kind, pointer: false, goName: rest.startsWith("~") ? rest.slice(1) : goName }
}

/** A struct's type refers to its fields only when they are asked for: types may hold themselves. */
function lazyStruct({
  all,
  name,
  goName,
}: {
  readonly all: Tables
  readonly name: string
  readonly goName: string
}): FieldType {
  return {
    kind: "struct",
    pointer: false,
    goName,
    get struct() {
      return structOf(all, name)
    },
  }
}

function pointerTo(type: FieldType): FieldType {
  return Object.defineProperties({} as FieldType, {
    ...Object.getOwnPropertyDescriptors(type),
    pointer: { value: true, enumerable: true },
  })
}

/** Whether Go's type of this name (`v1.SecretType`) is a text. */
export function isNamedText(goType: string): boolean {
  return builtInTypes.includes(`s~${goType}#`)
}
