import type { KubeObject } from "@gitops-toolkit/kube"

/** A JSON pointer (RFC 6901): `/spec/replicas`; `~1` stands for `/`, `~0` for `~`. The empty one is the whole object. */
export type Pointer = string

type JsonMap = { readonly [field: string]: unknown }

/** The steps of a pointer, unescaped. Throws a `SyntaxError` for a text that does not begin with `/`. */
export function pointerSteps(pointer: Pointer): readonly string[] {
  if (pointer === "") return []
  if (!pointer.startsWith("/")) throw new SyntaxError(`'${pointer}' is no JSON pointer: it does not begin with '/'`)
  return pointer
    .slice(1)
    .split("/")
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"))
}

/** `object` without what the pointers lead to; parts without change are shared. Pointers that lead nowhere are ignored. */
export function removePointers(object: KubeObject, pointers: readonly Pointer[]): KubeObject {
  return pointers.reduce<unknown>((value, pointer) => removeAt(value, pointerSteps(pointer)), object) as KubeObject
}

/** The value that the steps lead to, own properties only. */
export function valueAtSteps(value: unknown, steps: readonly string[]): unknown {
  let found = value
  for (const step of steps) {
    if (Array.isArray(found)) found = (found as readonly unknown[])[indexOf(step)]
    else if (isMap(found) && Object.hasOwn(found, step)) found = found[step]
    else return undefined
  }
  return found
}

function removeAt(value: unknown, steps: readonly string[]): unknown {
  const [step, ...rest] = steps
  if (step === undefined) return value
  if (Array.isArray(value)) {
    const index = indexOf(step)
    const list: readonly unknown[] = value
    if (index >= list.length) return value
    return rest.length === 0 ? list.toSpliced(index, 1) : list.with(index, removeAt(list[index], rest))
  }
  if (!isMap(value) || !Object.hasOwn(value, step)) return value
  if (rest.length === 0) return Object.fromEntries(Object.entries(value).filter(([key]) => key !== step))
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, key === step ? removeAt(item, rest) : item]),
  )
}

function indexOf(step: string): number {
  return /^(?:0|[1-9]\d{0,8})$/.test(step) ? Number(step) : Number.MAX_SAFE_INTEGER
}

function isMap(value: unknown): value is JsonMap {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
