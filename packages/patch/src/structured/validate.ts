import { itemElement } from "../field-set/element.ts"
import { elementText } from "../field-set/path.ts"
import type { ListTopology, MapTopology, ScalarKind, Topology } from "../topology/types.ts"
import { goSyntax, goText, goType } from "../value/go.ts"
import { assertDepth, isMap } from "../value/json.ts"
import { PatchError } from "../error.ts"
import { atomOf, formOf, itemText } from "./atom.ts"

/** One thing that is wrong with an object; `path` as in `.spec.ports[0].port`. */
export interface Fault {
  readonly path: string
  readonly message: string
}

interface Context {
  readonly faults: Fault[]
  readonly allowDuplicates: boolean
  depth: number
}

/** How `value` fails to fit `topology`, in the server's words; empty: it fits. */
export function validate(
  topology: Topology,
  value: unknown,
  { allowDuplicates = false }: { readonly allowDuplicates?: boolean } = {},
): readonly Fault[] {
  const context: Context = { faults: [], allowDuplicates, depth: 0 }
  validateAt(context, topology, value)
  return context.faults
}

/**
 * The faults, of which there is at least one, as one text: one alone on a line, several below `errors:`.
 *
 * @example
 * printFaults([{ path: ".dat", message: "field not declared in schema" }])   // ".dat: field not declared in schema"
 */
export function printFaults(faults: readonly Fault[]): string {
  const texts = faults.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`))
  return texts.length === 1 ? texts[0]! : ["errors:", ...texts.map((text) => `  ${text}`)].join("\n")
}

/** Faults are found bottom-up: whoever descends puts its step in front of what came since. */
function validateAt(context: Context, topology: Topology, value: unknown): void {
  assertDepth(context.depth)
  switch (formOf(topology, atomOf(topology, value))) {
    case "scalar": {
      const message = scalarFault(topology.scalar!, value)
      if (message) context.faults.push({ path: "", message })
      return
    }
    case "map":
      return validateMap(context, topology.map!, value)
    case "list":
      return validateList(context, topology.list!, value)
  }
}

/** What is wrong with a scalar, in the server's words; undefined: nothing. */
export function scalarFault(kind: ScalarKind, value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined
  const type = typeof value
  switch (kind) {
    case "numeric":
      return type === "number" || type === "bigint"
        ? undefined
        : `expected numeric (int or float), got ${goType(value)}`
    case "string":
      return type === "string" ? undefined : `expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`
    case "boolean":
      return type === "boolean" ? undefined : `expected boolean, got &{${goText(value)}}`
    case "untyped":
      return type === "object" ? `expected any scalar, got &{${goText(value)}}` : undefined
  }
}

function validateMap(context: Context, topology: MapTopology, value: unknown): void {
  if (value === null || value === undefined) return
  if (!isMap(value)) {
    context.faults.push({ path: "", message: `expected map, got &{${goText(value)}}` })
    return
  }
  context.depth++
  for (const name of Object.keys(value)) {
    const type = topology.fields.get(name) ?? topology.rest
    if (!type) {
      context.faults.push({ path: `.${name}`, message: "field not declared in schema" })
      break
    }
    const before = context.faults.length
    validateAt(context, type, value[name])
    if (context.faults.length > before) prefix(context.faults, before, `.${name}`)
  }
  context.depth--
}

function validateList(context: Context, topology: ListTopology, value: unknown): void {
  if (value === null || value === undefined) return
  if (!Array.isArray(value)) {
    context.faults.push({ path: "", message: `expected list, got &{${goText(value)}}` })
    return
  }
  context.depth++
  const seen = topology.kind !== "atomic" && value.length > 1 ? new Set<string>() : undefined
  for (let index = 0; index < value.length; index++) {
    const text = nameOf(context, topology, { index, item: value[index] as unknown })
    if (text === undefined) break
    if (seen?.has(text) && !context.allowDuplicates) {
      context.faults.push({ path: "", message: `duplicate entries for key ${stepOf(text, index)}` })
    }
    seen?.add(text)
    const before = context.faults.length
    validateAt(context, topology.item, value[index])
    if (context.faults.length > before) prefix(context.faults, before, stepOf(text, index))
  }
  context.depth--
}

/** The text of a list item, empty in an atomic list; undefined for an item that cannot be named. */
function nameOf(
  context: Context,
  topology: ListTopology,
  { index, item }: { readonly index: number; readonly item: unknown },
): string | undefined {
  if (topology.kind === "atomic") return ""
  try {
    return itemText(topology, item)
  } catch (error) {
    context.faults.push({ path: "", message: `element ${index}: ${rawMessage(error)}` })
    return undefined
  }
}

/** The path step of a list item. */
function stepOf(text: string, index: number): string {
  return text === "" ? `[${index}]` : elementText(itemElement(text))
}

function prefix(faults: Fault[], from: number, step: string): void {
  for (let i = from; i < faults.length; i++) faults[i] = { path: step + faults[i]!.path, message: faults[i]!.message }
}

function rawMessage(error: unknown): string {
  if (error instanceof PatchError && error.code === "InvalidObject") return error.rawMessage
  throw error
}
