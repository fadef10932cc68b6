import { compareBytes, type KubeObject, type StringMap, parseJson, printJson, ToolkitError } from "@gitops-toolkit/kube"
import { subtract } from "../field-set/algebra.ts"
import type { FieldSet } from "../field-set.ts"
import { nodeAt } from "../field-set/path.ts"
import type { FieldConflict } from "../structured-merge.ts"
import { compareAt } from "../structured/compare.ts"
import { fieldSetAt } from "../structured/field-set-of.ts"
import { validate } from "../structured/validate.ts"
import { isMap, own, type JsonMap } from "../value/json.ts"
import type { WriterOptions } from "./identity.ts"

/** Where `kubectl apply` keeps what it applied last. */
export const lastAppliedAnnotation = "kubectl.kubernetes.io/last-applied-configuration"

/** All annotations together may have this many bytes. */
const maxAnnotationBytes = 256 * 1024

/**
 * The conflicts that remain when `kubectl` takes over what client-side `kubectl apply` set: those in fields that the
 * last-applied annotation names with the value they still have are no conflicts. Undefined when nothing can be said.
 */
export function remainingConflicts(
  conflicts: readonly FieldConflict[],
  live: JsonMap,
  writer: WriterOptions,
): readonly FieldConflict[] | undefined {
  const allowed = allowedFields(live, writer)
  return allowed && conflicts.filter(({ path }) => !nodeAt(allowed, path)?.self)
}

function allowedFields(live: JsonMap, { topology, apiVersion }: WriterOptions): FieldSet | undefined {
  const annotation = lastAppliedOf(live)
  const last = annotation === undefined ? undefined : parse(annotation)
  if (!last || last["apiVersion"] !== apiVersion) return undefined
  if (validate(topology, live).length > 0 || validate(topology, last).length > 0) return undefined
  const { removed, modified, added } = compareAt(topology, last, live)
  let fields = fieldSetAt(topology, last)
  for (const changed of [removed, modified, added]) if (fields && changed) fields = subtract(fields, changed)
  return fields
}

function parse(text: string): JsonMap | undefined {
  try {
    const value = parseJson(text)
    return isMap(value) ? value : undefined
  } catch (error) {
    if (error instanceof ToolkitError) return undefined // not JSON: written by somebody else, says nothing
    throw error
  }
}

function lastAppliedOf(object: JsonMap): string | undefined {
  const metadata = own(object, "metadata")
  const annotations = isMap(metadata) ? own(metadata, "annotations") : undefined
  const text = isMap(annotations) ? own(annotations, lastAppliedAnnotation) : undefined
  return typeof text === "string" && text !== "" ? text : undefined
}

/** `object` with its last-applied annotation, where it has one, brought up to what `kubectl` applied now. */
export function withLastApplied(object: JsonMap, desired: KubeObject): JsonMap {
  if (lastAppliedOf(object) === undefined) return object
  const metadata = object["metadata"] as JsonMap
  const { [lastAppliedAnnotation]: _, ...others } = metadata["annotations"] as StringMap
  const annotations = { ...others, [lastAppliedAnnotation]: printLastApplied(desired) }
  const size = Object.entries(annotations).reduce((sum, [name, value]) => sum + bytes(name) + bytes(value), 0)
  return { ...object, metadata: { ...metadata, annotations: size > maxAnnotationBytes ? others : annotations } }
}

const bytes = (text: string): number => Buffer.byteLength(text)

/** JSON as Go prints it: members sorted, HTML escaped, a line feed at the end. */
function printLastApplied(desired: KubeObject): string {
  const { [lastAppliedAnnotation]: _, ...annotations } = desired.metadata.annotations ?? {}
  const metadata = desired.metadata.annotations ? { ...desired.metadata, annotations } : desired.metadata
  const text = printJson(sortMembers({ ...desired, metadata }))
  const escaped = text.replace(/[<>&\u2028\u2029]/g, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`)
  return `${escaped}\n`
}

function sortMembers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortMembers)
  if (!isMap(value)) return value
  const members = Object.entries(value).toSorted(([a], [b]) => compareBytes(a, b))
  return Object.fromEntries(members.map(([name, member]) => [name, sortMembers(member)]))
}
