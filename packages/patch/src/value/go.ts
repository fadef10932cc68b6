import { quote } from "../field-set/path.ts"
import { isMap } from "./json.ts"
import { compareBytes } from "@gitops-toolkit/kube"

/** The Go type of a decoded JSON value, as `%T` prints it. */
export function goType(value: unknown): string {
  if (value === null || value === undefined) return "<nil>"
  if (Array.isArray(value)) return "[]interface {}"
  if (isMap(value)) return "map[string]interface {}"
  if (typeof value === "string") return "string"
  if (typeof value === "boolean") return "bool"
  return Number.isInteger(value) || typeof value === "bigint" ? "int64" : "float64"
}

/** A decoded JSON value as Go's `%v` prints it. */
export function goText(value: unknown): string {
  if (value === null || value === undefined) return "<nil>"
  if (Array.isArray(value)) return `[${value.map(goText).join(" ")}]`
  if (!isMap(value)) return String(value as string | number | bigint | boolean)
  const members = sorted(value).map(([name, member]) => `${name}:${goText(member)}`)
  return `map[${members.join(" ")}]`
}

/** A decoded JSON value as Go's `%#v` prints it. */
export function goSyntax(value: unknown): string {
  if (value === null || value === undefined) return "interface {}(nil)"
  if (typeof value === "string") return quote(value)
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(", ")}}`
  if (!isMap(value)) return String(value as number | bigint | boolean)
  const members = sorted(value).map(([name, member]) => `${quote(name)}:${goSyntax(member)}`)
  return `map[string]interface {}{${members.join(", ")}}`
}

function sorted(map: { readonly [name: string]: unknown }): [string, unknown][] {
  return Object.entries(map).toSorted(([a], [b]) => compareBytes(a, b))
}
