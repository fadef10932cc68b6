import { equalJson, setOwn } from "@gitops-toolkit/kube"
import { decodeStruct } from "../kinds/decode.ts"
import { type StructType, typeOfKind } from "../kinds/types.ts"
import { goJson } from "./go-json.ts"
import type { Schema } from "./definition.ts"

type Members = Record<string, unknown>
const isMap = (value: unknown): value is Members => typeof value === "object" && value !== null && !Array.isArray(value)

/** A value without the members that its schema does not know, and the paths of what went. */
export interface Pruned {
  readonly value: unknown
  readonly unknown: readonly string[]
  /** Why the metadata of an embedded object cannot be read. */
  readonly fault?: string
}

interface Pruning {
  readonly path: string
  readonly unknown: string[]
  readonly faults: string[]
}

/** Prunes a whole custom object: `apiVersion`, `kind` and `metadata` belong to every object and stay. */
export function pruned(object: unknown, schema: Schema): Pruned {
  const unknown: string[] = []
  const faults: string[] = []
  const value = pruneMap(object as Members, schema, { path: "", unknown, faults, root: true })
  return { value, unknown: unknown.toSorted(), ...(faults[0] === undefined ? {} : { fault: faults[0] }) }
}

const preserves = (schema: Schema): boolean => schema["x-kubernetes-preserve-unknown-fields"] === true
const isEmbedded = (schema: Schema): boolean => schema["x-kubernetes-embedded-resource"] === true

function prune(value: unknown, schema: Schema, at: Pruning): unknown {
  if (Array.isArray(value)) return pruneItems(value, schema, at)
  return isMap(value) ? pruneMap(value, schema, { ...at, root: isEmbedded(schema) }) : value
}

function pruneItems(value: readonly unknown[], { items }: Schema, at: Pruning): unknown {
  if (!items) return value
  let changed = false
  const out = value.map((item, index) => {
    const next = prune(item, items, { ...at, path: `${at.path}[${index}]` })
    if (next !== item) changed = true
    return next
  })
  return changed ? out : value
}

function pruneMap(value: Members, schema: Schema, at: Pruning & { readonly root: boolean }): unknown {
  const { properties, additionalProperties } = schema
  let changed = false
  const out: Members = {}
  for (const name of Object.keys(value)) {
    const member = value[name]
    const here = at.path === "" ? name : `${at.path}.${name}`
    const below = { path: here, unknown: at.unknown, faults: at.faults }
    const own = properties && Object.hasOwn(properties, name) ? properties[name] : undefined
    const rest = isMap(additionalProperties) ? (additionalProperties as Schema) : undefined
    let next: unknown
    if (at.root && (name === "apiVersion" || name === "kind")) {
      if (at.path !== "" && typeof member !== "string")
        at.faults.push(`${here}: Invalid value: ${goJson(member)}: must be a string`)
      next = member
    } else if (at.root && name === "metadata") next = at.path === "" ? member : embeddedMetadata(member, below)
    else if (own ?? rest) next = prune(member, (own ?? rest)!, below)
    else if (additionalProperties === true || preserves(schema)) next = member
    else {
      at.unknown.push(here)
      changed = true
      continue
    }
    if (next !== member) changed = true
    setOwn(out, name, next)
  }
  return changed ? out : value
}

/** The metadata of an embedded object, read as the server reads metadata. */
function embeddedMetadata(value: unknown, at: Pruning): unknown {
  if (value === null) return {}
  const fault = (why: string): void => void at.faults.push(`${at.path}: Invalid value: ${goJson(value)}: ${why}`)
  if (!isMap(value)) {
    const found = Array.isArray(value) ? "array" : typeof value === "boolean" ? "bool" : typeof value
    fault(`json: cannot unmarshal ${found} into Go value of type v1.ObjectMeta`)
    return value
  }
  const { value: read, unknown, error } = decodeStruct(value, metadataType())
  for (const path of unknown) at.unknown.push(`${at.path}.${path}`)
  if (error !== undefined) fault(error)
  return error === undefined && !equalJson(read, value) ? read : value
}

function metadataType(): StructType {
  return typeOfKind("v1", "ConfigMap")!.fields.get("metadata")!.type.struct!
}
