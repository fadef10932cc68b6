// Values as the server prints them from its own types: in messages about whole structures, and in differences.
import { type FieldType, structNamed, type StructType, zeroOf } from "../kinds/types.ts"
import { internalNames } from "./internal.generated.ts"
import { unifiedDiff } from "./unified-diff.ts"
import { isSet, listOf, mapOf, type Members } from "./walk.ts"

interface Name {
  readonly inside: string
  readonly wire: string
  /** The wire has it in the struct around this one. */
  readonly around: boolean
}

let table: ReadonlyMap<string, readonly Name[]> | undefined

/** Go's capitals at the start in small letters: `HostIP` is `hostIP`, `DNSPolicy` is `dnsPolicy`. */
const lowered = (name: string): string =>
  name.replace(/^[A-Z]+(?=[A-Z][a-z])|^[A-Z]+/, (capitals) => capitals.toLowerCase())

function readNames(): ReadonlyMap<string, readonly Name[]> {
  const names = new Map<string, readonly Name[]>()
  for (const line of internalNames.trim().split("\n")) {
    const [struct = "", ...fields] = line.split(" ")
    const read = fields.map((field): Name => {
      const [inside = "", wire = lowered(inside)] = field.split("=")
      return { inside, wire: wire.replace("^", ""), around: wire.startsWith("^") }
    })
    names.set(struct, read)
  }
  return names
}

/** A struct on the way down, with its type. */
interface Outer {
  readonly type: StructType
  readonly value: Members
}

function printed(value: unknown, type: FieldType | undefined, around: Outer | undefined): unknown {
  if (!type) return value ?? null
  if (type.kind === "struct") {
    if (!isSet(value) && type.pointer) return null
    return struct({ type: type.struct!, value: mapOf(value) }, around)
  }
  if (!isSet(value)) return zeroOf(type)
  if (type.kind === "list") return listOf(value).map((item) => printed(item, type.item, around))
  if (type.kind !== "map") return value
  const map = mapOf(value)
  const keys = Object.keys(map).toSorted()
  return Object.fromEntries(keys.map((key) => [key, printed(map[key], type.item, around)]))
}

function struct(self: Outer, around: Outer | undefined): unknown {
  table ??= readNames()
  const names = table.get(self.type.path)
  if (!names) return self.value
  const out: [string, unknown][] = []
  for (const { inside, wire, around: isAround } of names) {
    const from = isAround ? around : self
    const value = from?.value[wire]
    if (inside === "...") out.push(...Object.entries(mapOf(value)))
    else out.push([inside, printed(value, from?.type.fields.get(wire)?.type, self)])
  }
  return Object.fromEntries(out)
}

/** A value of a type like `core/v1.PodSpec` as the server's own type has it; null for none. */
export function internal(name: string, value: unknown): unknown {
  if (!isSet(value)) return null
  const type = structNamed(name)
  return type ? struct({ type, value: mapOf(value) }, undefined) : value
}

/** How a value changed, as the server tells it of what may not change. */
export function internalDiff(name: string, before: unknown, next: unknown): string {
  const text = (value: unknown): string => JSON.stringify(internal(name, value ?? {}), null, 1)
  return unifiedDiff(text(before), text(next))
}
