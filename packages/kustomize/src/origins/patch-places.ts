import type { YamlPath } from "@gitops-toolkit/kube/manifest"
import { fieldOf, textOf } from "../node/node.ts"
import type { Node } from "../node/node.ts"
import type { LocatedDocument } from "./located.ts"
import { identityOf, isSame } from "./trace.ts"

/** One document of a patch, and how far a field was found in it. */
export interface PatchPlace {
  readonly document: LocatedDocument
  readonly way: YamlPath
  /** How many steps of the field's path the patch has. */
  readonly depth: number
}

/** A field of an object that was patched. */
export interface PatchedField {
  readonly root: Node
  readonly path: YamlPath
  /** The names that the object has and had. */
  readonly names: ReadonlySet<string>
}

/** Where the documents of a patch set a field: the last that goes deepest; the first where none does. */
export function findInPatch(documents: readonly LocatedDocument[], field: PatchedField): PatchPlace | undefined {
  let best: PatchPlace | undefined
  for (const document of documents) {
    const isJson = Array.isArray(document.value)
    if (!isJson && documents.length > 1 && !isFor(document.value as Node, field)) continue
    const found = isJson ? findOperation(document, field) : findMerged(document, field)
    if (best === undefined || found.depth >= best.depth) best = found
  }
  return best ?? (documents[0] && { document: documents[0], way: [], depth: 0 })
}

/** True for the one of several patches that is for this object: they have no target but their own kind and name. */
function isFor(patch: Node, { root, names }: PatchedField): boolean {
  if (textOf(fieldOf(patch, "kind")) !== textOf(fieldOf(root, "kind"))) return false
  return names.has(textOf(fieldOf(fieldOf(patch, "metadata"), "name")))
}

/** Follows the path in a strategic patch; there elements of lists stand elsewhere. */
function findMerged(document: LocatedDocument, { root, path }: PatchedField): PatchPlace {
  const way: (string | number)[] = []
  let patch: unknown = document.value
  let object: Node | undefined = root
  for (const key of path) {
    let next: string | number | undefined = key
    object = typeof key === "number" ? (object as readonly Node[] | undefined)?.[key] : fieldOf(object, key)
    if (typeof key === "number") next = indexOf(object, Array.isArray(patch) ? (patch as readonly Node[]) : [])
    if (next === undefined || !hasOwn(patch, next)) break
    way.push(next)
    patch = (patch as { readonly [key: string | number]: unknown })[next]
  }
  return { document, way, depth: way.length }
}

/** Which element of a patch's list an element of the object comes from. */
function indexOf(element: Node | undefined, elements: readonly Node[]): number | undefined {
  if (element === undefined) return undefined
  const identity = identityOf(element)
  const index = elements.findIndex((candidate) =>
    identity === undefined ? isSame(candidate, element) : identityOf(candidate) === identity,
  )
  return index < 0 ? undefined : index
}

const hasOwn = (value: unknown, key: string | number): boolean =>
  typeof value === "object" && value !== null && Object.hasOwn(value, key)

const segmentsOf = (pointer: unknown): string[] =>
  typeof pointer === "string"
    ? pointer
        .split("/")
        .slice(1)
        .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    : []

// `-` and an index name elements that may have moved since.
const isSameStep = (step: string, key: string | number): boolean =>
  typeof key === "number" ? step === "-" || /^-?\d+$/.test(step) : step === key

/** The operation that sets the field, or what it lies in: the one that has its value, and the last of those. */
function findOperation(document: LocatedDocument, { root, path }: PatchedField): PatchPlace {
  const value = valueAt(root, path)
  let best: PatchPlace = { document, way: [], depth: 0 }
  let bestFit = 0
  for (const [index, operation] of (document.value as readonly unknown[]).entries()) {
    const { op, path: pointer, value: given } = (operation ?? {}) as { readonly [field: string]: unknown }
    const steps = segmentsOf(pointer)
    const depth = Math.min(steps.length, path.length)
    if (op === "test" || !steps.slice(0, depth).every((step, at) => isSameStep(step, path[at]!))) continue
    const set = valueAt(given, path.slice(steps.length))
    const hasValue = steps.length <= path.length && set !== undefined && value !== undefined && isSame(set, value)
    // What has the value, then what says the very same steps and not others that may stand for them.
    const fit = (hasValue ? path.length + 1 : 0) + steps.filter((step, at) => step === String(path[at])).length
    if (depth < best.depth || (depth === best.depth && fit < bestFit)) continue
    bestFit = fit
    best = { document, way: steps.length > path.length ? [index] : [index, "value", ...path.slice(depth)], depth }
  }
  return best
}

const valueAt = (root: unknown, path: YamlPath): Node | undefined =>
  path.reduce<unknown>(
    (value, key) => (hasOwn(value, key) ? (value as { readonly [key: string | number]: unknown })[key] : undefined),
    root,
  ) as Node | undefined
