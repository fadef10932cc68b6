import { PatchError } from "../error.ts"
import type { JsonPatchOptions } from "../json-patch.ts"
import { equal } from "../value/equal.ts"
import { assertBounded, assign, isMap, own } from "../value/json.ts"
import { parsePointer, quoted } from "./pointer.ts"

type Change = "add" | "remove" | "replace"

interface Context {
  readonly change: Change
  readonly value: unknown
  readonly pointer: string
  readonly options: JsonPatchOptions
}

/** `document` after one operation. */
export function applyOperation(document: unknown, operation: unknown, options: JsonPatchOptions): unknown {
  if (!isMap(operation)) throw new PatchError("InvalidPatch", "an operation must be a map")
  const op = own(operation, "op")
  const pointer = text(operation, "path")
  switch (op) {
    case "add":
    case "replace":
      return changeAt(document, parsePointer(pointer), { change: op, value: valueOf(operation), pointer, options })
    case "remove":
      return changeAt(document, parsePointer(pointer), { change: op, value: undefined, pointer, options })
    case "move":
    case "copy":
      return transfer(document, { op, from: text(operation, "from"), path: pointer }, options)
    case "test":
      testAt(document, { pointer, value: valueOf(operation) }, options)
      return document
    default:
      throw new PatchError("InvalidPatch", `unknown operation ${quoted(String(op))}`)
  }
}

function text(operation: { readonly [name: string]: unknown }, name: string): string {
  const value = own(operation, name)
  if (typeof value !== "string") throw new PatchError("InvalidPatch", `an operation needs a text ${quoted(name)}`)
  return value
}

function valueOf(operation: { readonly [name: string]: unknown }): unknown {
  const value = own(operation, "value")
  if (value === undefined) throw new PatchError("InvalidPatch", `an operation needs a ${quoted("value")}`)
  return value
}

function transfer(
  document: unknown,
  { op, from, path }: { readonly op: "move" | "copy"; readonly from: string; readonly path: string },
  options: JsonPatchOptions,
): unknown {
  const value = find(document, from, options)
  if (value === undefined) throw missing(from)
  if (op === "move" && path.startsWith(`${from}/`)) {
    throw new PatchError("PatchFailed", `cannot move ${quoted(from)} into itself`)
  }
  const change = { value, pointer: path, options }
  const rest =
    op === "copy" ? document : changeAt(document, parsePointer(from), { ...change, change: "remove", pointer: from })
  const result = changeAt(rest, parsePointer(path), { ...change, change: "add" })
  assertBounded(result) // copying into itself again and again must not grow without end
  return result
}

function testAt(
  document: unknown,
  { pointer, value }: { readonly pointer: string; readonly value: unknown },
  options: JsonPatchOptions,
): void {
  const present = find(document, pointer, options)
  const matches = present === undefined ? value === null && options.dialect !== "rfc6902" : equal(present, value)
  if (!matches) throw new PatchError("TestFailed", `testing value ${pointer} failed: test failed`)
}

function find(document: unknown, pointer: string, options: JsonPatchOptions): unknown {
  let value = document
  for (const step of parsePointer(pointer)) {
    if (Array.isArray(value)) {
      const index = indexOf(step, value.length, options)
      value = index === undefined ? undefined : value[index]
    } else value = isMap(value) ? own(value, step) : undefined
  }
  return value
}

/** The index that a step means in a list of `length` items; undefined for one that is no index or out of range. */
function indexOf(step: string, length: number, options: JsonPatchOptions): number | undefined {
  const pattern = options.dialect === "rfc6902" ? /^(?:0|[1-9]\d{0,9})$/ : /^-?\d{1,10}$/
  if (!pattern.test(step)) return undefined
  const index = Number(step)
  const counted = index < 0 || step.startsWith("-") ? length + index : index
  return counted >= 0 && counted < length ? counted : undefined
}

function missing(pointer: string): PatchError {
  return new PatchError("PatchFailed", `${quoted(pointer)} does not exist`)
}

function changeAt(document: unknown, steps: readonly string[], context: Context): unknown {
  const [step, ...below] = steps
  if (step === undefined) {
    return context.change === "remove" ? null : context.value
  }
  if (Array.isArray(document)) return changeItem(document, { step, below }, context)
  if (isMap(document)) return changeMember(document, { step, below }, context)
  if (context.change === "remove" && context.options.allowMissingPathOnRemove) return document
  throw missing(context.pointer)
}

interface Place {
  readonly step: string
  readonly below: readonly string[]
}

function changeMember(map: { readonly [name: string]: unknown }, { step, below }: Place, context: Context): unknown {
  const present = own(map, step)
  const { change, options } = context
  if (below.length > 0) {
    const inner = present ?? (change === "add" && options.ensurePathExistsOnAdd ? container(below[0]!) : undefined)
    if (inner === undefined || inner === null) return absent(map, context)
    const after = changeAt(inner, below, context)
    return after === present ? map : withMember(map, step, after)
  }
  if (present === undefined && change === "remove") return absent(map, context)
  if (present === undefined && change === "replace") return absent(map, context)
  if (change !== "remove") return withMember(map, step, context.value)
  const { ...rest } = map
  delete (rest as { [name: string]: unknown })[step]
  return rest
}

function absent(container: unknown, context: Context): unknown {
  if (context.change === "remove" && context.options.allowMissingPathOnRemove) return container
  throw missing(context.pointer)
}

/** What stands at a place that does not exist yet, judged by the step that follows. */
function container(next: string): unknown {
  return next === "-" || /^-?\d+$/.test(next) ? [] : {}
}

function withMember(map: { readonly [name: string]: unknown }, name: string, value: unknown): unknown {
  const changed = { ...map }
  assign(changed, name, value)
  return changed
}

function changeItem(list: readonly unknown[], { step, below }: Place, context: Context): unknown {
  const { change, options } = context
  if (below.length === 0 && change === "add") return insert(list, step, context)
  const index = indexOf(step, list.length, options)
  if (index === undefined) return absent(list, context)
  if (below.length > 0) {
    const after = changeAt(list[index], below, context)
    return after === list[index] ? list : list.with(index, after)
  }
  return change === "remove" ? list.toSpliced(index, 1) : list.with(index, context.value)
}

function insert(list: readonly unknown[], step: string, context: Context): unknown {
  if (step === "-") return [...list, context.value]
  const index = indexOf(step, list.length + 1, context.options)
  if (index === undefined) throw missing(context.pointer)
  return list.toSpliced(index, 0, context.value)
}
