import { PatchError } from "../error.ts"
import { assign, isMap, own, type JsonMap } from "../value/json.ts"
import type { Dialect, JsonPatchOptions } from "./dialect.ts"
import { indexOf, isIndex, missing } from "./pointer.ts"

/** What is to happen at a place. */
export interface Change {
  readonly kind: "add" | "remove" | "replace"
  readonly pointer: string
  readonly value: unknown
}

interface Context extends Change {
  readonly dialect: Dialect
  readonly options: JsonPatchOptions
}

/** `document` after a change at the place that `steps` lead to. Untouched parts are shared. */
export function changeAt(document: unknown, steps: readonly string[], context: Context): unknown {
  const [step, ...below] = steps
  if (step === undefined) return context.kind === "remove" ? null : context.value
  if (Array.isArray(document)) return changeList(document, { step, below }, context)
  if (isMap(document)) return changeMap(document, { step, below }, context)
  return absent(document, context)
}

interface Place {
  readonly step: string
  readonly below: readonly string[]
}

function absent(container: unknown, { kind, options, pointer }: Context): unknown {
  if (kind === "remove" && options.allowMissingPathOnRemove) return container
  throw missing(pointer)
}

function changeMap(map: JsonMap, { step, below }: Place, context: Context): unknown {
  const present = own(map, step)
  if (below.length > 0) {
    const inner = present ?? madeFor(below[0]!, context)
    if (inner === undefined || inner === null) return absent(map, context)
    const after = changeAt(inner, below, context)
    return after === present ? map : withMember(map, step, after)
  }
  const { kind, dialect, value } = context
  if (present === undefined && (kind === "remove" || (kind === "replace" && !dialect.replaceAdds))) {
    return absent(map, context)
  }
  return kind === "remove" ? withoutMember(map, step) : withMember(map, step, value)
}

function withMember(map: JsonMap, name: string, value: unknown): JsonMap {
  const changed = { ...map }
  assign(changed, name, value)
  return changed
}

function withoutMember(map: JsonMap, name: string): JsonMap {
  const changed: { [name: string]: unknown } = { ...map }
  delete changed[name]
  return changed
}

function changeList(list: readonly unknown[], { step, below }: Place, context: Context): unknown {
  if (below.length === 0 && context.kind === "add") return insert(list, step, context)
  const index = indexOf(step, list.length, context.dialect)
  const item = index === undefined ? undefined : list[index]
  if (below.length > 0 && (item ?? undefined) === undefined) return fillAndChange(list, { step, below }, context)
  if (index === undefined) return absent(list, context)
  if (below.length > 0) {
    const after = changeAt(item, below, context)
    return after === item ? list : list.with(index, after)
  }
  return context.kind === "remove" ? list.toSpliced(index, 1) : list.with(index, context.value)
}

function insert(list: readonly unknown[], step: string, context: Context): unknown {
  if (step === "-") return [...list, context.value]
  const index = indexOf(step, list.length + 1, context.dialect)
  if (index === undefined) throw missing(context.pointer)
  return list.toSpliced(index, 0, context.value)
}

/** Bounds what `ensurePathExistsOnAdd` fills in. */
const maxFilled = 10_000

/** What is made at a place so that `next` can be added below it; undefined when nothing may be made. */
function madeFor(next: string, { kind, options, pointer }: Context): unknown {
  if (kind !== "add" || !options.ensurePathExistsOnAdd) return undefined
  if (!isIndex(next)) return {}
  const index = next === "-" ? 0 : Number(next)
  if (index < -1 || index > maxFilled) throw new PatchError("PatchFailed", `cannot make a list for ${pointer}`)
  return Array.from({ length: Math.max(index, 0) }, () => null)
}

/** A list whose item is missing is filled with nulls up to it. */
function fillAndChange(list: readonly unknown[], { step, below }: Place, context: Context): unknown {
  const inner = madeFor(below[0]!, context)
  if (inner === undefined) return absent(list, context)
  const index = isIndex(step) && step !== "-" ? Number(step) : list.length
  if (index > maxFilled) throw missing(context.pointer)
  const filled = [...list, ...Array.from({ length: Math.max(index - list.length, 0) }, () => null)]
  const made = changeAt(inner, below, context)
  return insert(filled, step, { ...context, value: made })
}
