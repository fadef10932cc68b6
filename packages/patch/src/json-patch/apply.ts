import { equalJson, printJson } from "@gitops-toolkit/kube"
import { PatchError } from "../error.ts"
import { assertBounded, isMap, own, type JsonMap } from "../value/json.ts"
import { changeAt, type Change } from "./change.ts"
import { dialects, type Dialect, type JsonPatchOptions } from "./dialect.ts"
import { indexOf, missing, parsePointer, quoted } from "./pointer.ts"

/** All operations of a patch on one document, one after the other. */
export function applyOperations(document: unknown, patch: readonly unknown[], options: JsonPatchOptions): unknown {
  const run: Run = {
    options,
    dialect: dialects[options.dialect ?? "kubernetes"],
    copied: { bytes: 0, limit: options.maxCopyBytes ?? 3 * 1024 * 1024 },
  }
  let result = document
  for (const operation of patch) result = applyOperation(result, operation, run)
  return result
}

interface Run {
  readonly options: JsonPatchOptions
  readonly dialect: Dialect
  readonly copied: { bytes: number; readonly limit: number }
}

function applyOperation(document: unknown, operation: unknown, run: Run): unknown {
  if (!isMap(operation)) throw new PatchError("InvalidPatch", "an operation must be a map")
  const op = own(operation, "op")
  const pointer = textOf(operation, "path")
  switch (op) {
    case "add":
    case "replace":
      return change(document, { kind: op, pointer, value: valueOf(operation, run) }, run)
    case "remove":
      return change(document, { kind: op, pointer, value: undefined }, run)
    case "move":
    case "copy":
      return transfer(document, { op, from: textOf(operation, "from"), path: pointer }, run)
    case "test":
      testAt(document, { pointer, value: valueOf(operation, run) }, run)
      return document
    default:
      throw new PatchError("InvalidPatch", `unknown operation ${quoted(String(op))}`)
  }
}

function textOf(operation: JsonMap, name: string): string {
  const value = own(operation, name)
  if (typeof value !== "string") throw new PatchError("InvalidPatch", `an operation needs a text ${quoted(name)}`)
  return value
}

function valueOf(operation: JsonMap, { dialect }: Run): unknown {
  const value = own(operation, "value")
  if (value === undefined && !dialect.absentIsNull) {
    throw new PatchError("InvalidPatch", `an operation needs a ${quoted("value")}`)
  }
  return value ?? null
}

function change(document: unknown, request: Change, { dialect, options }: Run): unknown {
  if (request.pointer === "" && request.kind !== "replace" && !dialect.wholeDocument) throw missing("")
  return changeAt(document, parsePointer(request.pointer), { ...request, dialect, options })
}

interface Transfer {
  readonly op: "move" | "copy"
  readonly from: string
  readonly path: string
}

function transfer(document: unknown, { op, from, path }: Transfer, run: Run): unknown {
  if (op === "move" && path.startsWith(`${from}/`)) {
    throw new PatchError("PatchFailed", `cannot move ${quoted(from)} into itself`)
  }
  const found = lookUp(document, from, run)
  const value = found === undefined && op === "copy" && run.dialect.copiesNothing ? null : found
  if (value === undefined) throw missing(from)
  if (op === "copy") countCopy(value, run)
  const rest = op === "copy" ? document : change(document, { kind: "remove", pointer: from, value: undefined }, run)
  const result = change(rest, { kind: "add", pointer: path, value }, run)
  assertBounded(result)
  return result
}

/** Copying a document into itself again and again doubles it every time. */
function countCopy(value: unknown, { copied }: Run): void {
  copied.bytes += printJson(value).length
  if (copied.bytes > copied.limit) {
    throw new PatchError("PatchFailed", `all copies together have more than ${copied.limit} bytes`)
  }
}

/** The value at `pointer`; undefined where a map has no such member. Throws `PatchFailed` when the way there is missing. */
function lookUp(document: unknown, pointer: string, run: Run): unknown {
  const steps = parsePointer(pointer)
  if (steps.length === 0 && !run.dialect.wholeDocument) throw missing(pointer)
  let value = document
  for (const [position, step] of steps.entries()) {
    const next = childOf(value, step, run)
    if (next === undefined && !(isMap(value) && position === steps.length - 1)) throw missing(pointer)
    value = next
  }
  return value
}

function childOf(value: unknown, step: string, { dialect }: Run): unknown {
  if (!Array.isArray(value)) return isMap(value) ? own(value, step) : undefined
  const index = indexOf(step, value.length, dialect)
  return index === undefined ? undefined : value[index]
}

function testAt(
  document: unknown,
  { pointer, value }: { readonly pointer: string; readonly value: unknown },
  run: Run,
): void {
  const present = pointer === "" ? document : lookUp(document, pointer, run)
  const matches = present === undefined ? value === null && run.dialect.absentIsNull : equalJson(present, value)
  if (!matches) throw new PatchError("TestFailed", `testing value ${pointer} failed: test failed`)
}
