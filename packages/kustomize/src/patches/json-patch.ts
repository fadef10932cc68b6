import { KustomizeError } from "../error.ts"
import type { PlainNode } from "../node/resolve.ts"

// JSON patches as the library that kustomize uses applies them. It is not RFC 6902 in every corner: `replace` adds a
// missing key, indices may be negative, and `test` without a value passes on what is missing.

/** One operation, not checked yet. */
export type JsonPatchOperation = { readonly [field: string]: unknown }

type PlainMap = { [field: string]: PlainNode }

const broken = (message: string): never => {
  throw new KustomizeError("PatchFailed", message)
}

const isMap = (value: PlainNode | undefined): value is PlainMap =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** True for a list of maps (or nulls): what the library takes for a patch. */
export function isJsonPatch(value: unknown): value is readonly JsonPatchOperation[] | null {
  if (value === null) return true
  return (
    Array.isArray(value) && value.every((item) => item === null || (typeof item === "object" && !Array.isArray(item)))
  )
}

// Copies double what they copy: forty of them would fill any memory.
const maxCopied = 8 * 1024 * 1024

/**
 * Applies a patch to a JSON value and returns the result; the value itself is changed. Throws `PatchFailed`, and
 * `LimitExceeded` when its copies hold more than 8 Mi values and characters.
 */
export function applyJsonPatch(value: PlainNode, patch: readonly JsonPatchOperation[]): PlainNode {
  let root = value
  let copied = 0
  for (const operation of patch) {
    root = applyOperation(root, operation, (copy) => {
      copied += sizeOf(copy)
      if (copied > maxCopied) throw new KustomizeError("LimitExceeded", "a JSON patch copies more than allowed")
    })
  }
  return root
}

function sizeOf(value: PlainNode): number {
  if (typeof value === "string") return 1 + value.length
  if (typeof value !== "object" || value === null) return 1
  if (Array.isArray(value)) return value.reduce<number>((size, item) => size + sizeOf(item), 1)
  return Object.entries(value).reduce((size, [name, item]) => size + name.length + sizeOf(item), 1)
}

function applyOperation(
  root: PlainNode,
  operation: JsonPatchOperation | null,
  onCopy: (value: PlainNode) => void,
): PlainNode {
  const kind = operation?.["op"]
  if (operation === null || typeof kind !== "string") return broken("a JSON patch operation has no 'op'")
  const path = textField(operation, "path")
  switch (kind) {
    case "add":
      add(target(root, path), clone(valueOf(operation) ?? null))
      return root
    case "remove":
      remove(target(root, path))
      return root
    case "replace":
      return replace(root, path, operation)
    case "move": {
      const from = target(root, textField(operation, "from"))
      const moved = read(from)
      remove(from)
      add(target(root, path), moved ?? null)
      return root
    }
    case "copy": {
      const copied = read(target(root, textField(operation, "from"))) ?? null
      onCopy(copied)
      add(target(root, path), clone(copied))
      return root
    }
    case "test":
      test(root, path, operation)
      return root
    default:
      return broken(`unexpected kind of operation: ${kind}`)
  }
}

const valueOf = (operation: JsonPatchOperation): PlainNode | undefined =>
  Object.hasOwn(operation, "value") ? (operation["value"] as PlainNode) : undefined

function textField(operation: JsonPatchOperation, name: string): string {
  const value = operation[name]
  return typeof value === "string"
    ? value
    : broken(`JSON patch operation '${String(operation["op"])}' has no '${name}'`)
}

/** A key of a map or an index of a list. */
interface Target {
  readonly parent: PlainMap | PlainNode[]
  readonly key: string
  readonly path: string
}

const unescape = (part: string): string => part.replaceAll("~1", "/").replaceAll("~0", "~")

function target(root: PlainNode, path: string): Target {
  const parts = path.split("/")
  if (parts.length < 2) return broken(`doc is missing path: '${path}'`)
  let parent = root
  for (const part of parts.slice(1, -1)) {
    const next = child(parent, unescape(part))
    if (next === undefined || (!isMap(next) && !Array.isArray(next))) return broken(`doc is missing path: '${path}'`)
    parent = next
  }
  if (!isMap(parent) && !Array.isArray(parent)) return broken(`doc is missing path: '${path}'`)
  return { parent, key: unescape(parts.at(-1)!), path }
}

function child(parent: PlainNode, key: string): PlainNode | undefined {
  if (isMap(parent)) return Object.hasOwn(parent, key) ? parent[key] : undefined
  if (!Array.isArray(parent) || !/^[-+]?[0-9]+$/.test(key)) return undefined
  const index = Number(key)
  return parent[index < 0 ? index + parent.length : index]
}

function indexIn(list: readonly PlainNode[], { key, path }: Target, limit: number): number {
  if (!/^[-+]?[0-9]+$/.test(key)) return broken(`value was not a proper array index: '${key}' in '${path}'`)
  const index = Number(key)
  if (index >= limit || index < -limit) return broken(`Unable to access invalid index: ${key} in '${path}'`)
  return index < 0 ? index + limit : index
}

function read(from: Target): PlainNode | undefined {
  const { parent, key } = from
  if (Array.isArray(parent)) return parent[indexIn(parent, from, parent.length)]
  return Object.hasOwn(parent, key) ? parent[key] : undefined
}

function write(parent: PlainMap, key: string, value: PlainNode): void {
  Object.defineProperty(parent, key, { value, enumerable: true, configurable: true, writable: true })
}

function add(to: Target, value: PlainNode): void {
  const { parent, key } = to
  if (!Array.isArray(parent)) write(parent, key, value)
  else if (key === "-") parent.push(value)
  else parent.splice(indexIn(parent, to, parent.length + 1), 0, value)
}

function remove(from: Target): void {
  const { parent, key, path } = from
  if (Array.isArray(parent)) parent.splice(indexIn(parent, from, parent.length), 1)
  else if (Object.hasOwn(parent, key)) delete parent[key]
  else broken(`Unable to remove nonexistent key: '${path}'`)
}

function replace(root: PlainNode, path: string, operation: JsonPatchOperation): PlainNode {
  const value = valueOf(operation)
  if (path === "") {
    if (!isMap(value) && !Array.isArray(value)) return broken("replace operation value must be object or array")
    return clone(value)
  }
  const to = target(root, path)
  if (Array.isArray(to.parent)) to.parent[indexIn(to.parent, to, to.parent.length)] = clone(value ?? null)
  else write(to.parent, to.key, clone(value ?? null))
  return root
}

function test(root: PlainNode, path: string, operation: JsonPatchOperation): void {
  const expected = valueOf(operation)
  const actual = path === "" ? root : read(target(root, path))
  const passes =
    actual === undefined || actual === null ? (expected ?? null) === null || isBare(expected) : equal(actual, expected)
  if (!passes) broken(`testing value '${path}' failed`)
}

const isBare = (value: PlainNode | undefined): boolean => isMap(value) && Object.keys(value).length === 0

function equal(a: PlainNode, b: PlainNode | undefined): boolean {
  if (b === undefined) return false
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, i) => equal(item, b[i]))
  if (isMap(a)) {
    if (!isMap(b)) return b === null && Object.keys(a).length === 0
    const names = Object.keys(a)
    return (
      names.length === Object.keys(b).length &&
      names.every((name) => Object.hasOwn(b, name) && equal(a[name]!, b[name]))
    )
  }
  return a === b
}

function clone(value: PlainNode): PlainNode {
  if (Array.isArray(value)) return value.map(clone)
  if (!isMap(value)) return value
  const copy: PlainMap = {}
  for (const name of Object.keys(value)) write(copy, name, clone(value[name]!))
  return copy
}
