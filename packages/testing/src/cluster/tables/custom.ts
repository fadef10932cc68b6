import type { KubeObject } from "@gitops-toolkit/kube"
import type { PrinterColumn } from "../custom/definition.ts"
import { ageOf } from "./text.ts"

/** The values that a simple JSON path finds: `.spec.a`, `.items[0].b`, `.list[*]`, `.c[?(@.type=="Ready")].status`. */
export function valuesAt(value: unknown, path: string): unknown[] {
  let found: unknown[] = [value]
  for (const [, name, quoted, index, filterKey, filterValue] of path.matchAll(step)) {
    found = found.flatMap((each) => {
      if (name ?? quoted) return member(each, (name ?? quoted)!.replaceAll(String.raw`\.`, "."))
      if (!Array.isArray(each)) return []
      if (filterKey !== undefined) return each.filter((item) => String(member(item, filterKey)[0]) === filterValue)
      return index === "*"
        ? (each as unknown[])
        : each.slice(Number(index), Number(index) === -1 ? undefined : Number(index) + 1)
    })
  }
  return found
}

const step = /\.((?:[^.[\]\\]|\\.)+)|\['([^']*)'\]|\[(\*|-?\d{1,6})\]|\[\?\(@\.([\w-]+) ?== ?["']([^"']*)["']\)\]/g

function member(value: unknown, name: string): unknown[] {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return []
  return [(value as Record<string, unknown>)[name]]
}

/** What stands in a column that a definition declares. */
export function customCell(object: KubeObject, { jsonPath, type }: PrinterColumn, nowMs: number): unknown {
  const [value] = valuesAt(object, jsonPath)
  if (value === undefined || value === null) return null
  switch (type) {
    case "date":
      return typeof value === "string" ? ageOf(value, nowMs) : null
    case "integer":
    case "number":
      return typeof value === "number" || typeof value === "bigint" ? value : null
    case "boolean":
      return typeof value === "boolean" ? value : null
    default:
      return typeof value === "object" ? JSON.stringify(value) : String(value)
  }
}

/** The column of a definition that declares none. */
export const ageColumn: PrinterColumn = {
  name: "Age",
  type: "date",
  description: "",
  jsonPath: ".metadata.creationTimestamp",
}
