import { fail } from "../error.ts"
import type { FieldOptions, Replacement, ReplacementTarget } from "../kustomization.ts"
import { cloneNode, isEmpty, isScalar, tagOf, textOf, valueOf } from "../node/node.ts"
import type { Node } from "../node/node.ts"
import { lookup, splitFieldPath } from "../node/path.ts"
import type { Place } from "../node/path.ts"
import { makeScalar, plainScalar } from "../node/scalar.ts"
import { isSelectedBy } from "../resource/resource-id.ts"
import type { ResourceId } from "../resource/resource-id.ts"
import type { ResourceMap } from "../resource/resource-map.ts"
import { allIds } from "../resource/resource.ts"
import type { Resource } from "../resource/resource.ts"
import { compileSelector, selectsId, selectsMetadata } from "../resource/selector.ts"
import type { CompiledSelector } from "../resource/selector.ts"
import { findPlaces } from "./find.ts"
import { replaceInText } from "./text.ts"

interface CompiledTarget {
  readonly select: CompiledSelector
  readonly reject: readonly CompiledSelector[]
  readonly fieldPaths: readonly string[]
  readonly options: FieldOptions | undefined
}

/** A replacement with its expressions compiled. */
export interface CompiledReplacement {
  readonly entry: Replacement
  readonly targets: readonly CompiledTarget[]
}

/** Compiles the selectors of a replacement. Throws for one without source or targets. */
export async function compileReplacement(entry: Replacement): Promise<CompiledReplacement> {
  if ((entry.source === undefined && entry.sourceValue === undefined) || entry.targets === undefined) {
    return fail("replacements must specify a source and at least one target")
  }
  if (entry.source !== undefined && entry.sourceValue !== undefined) {
    return fail("value and resource selectors are mutually exclusive")
  }
  const targets: CompiledTarget[] = []
  for (const target of entry.targets) targets.push(await compileTarget(target))
  return { entry, targets }
}

async function compileTarget(target: ReplacementTarget): Promise<CompiledTarget> {
  if (target.select === undefined) return fail("target must specify resources to select")
  const reject: CompiledSelector[] = []
  for (const selector of target.reject) if (selector !== undefined) reject.push(await compileSelector(selector))
  return {
    select: await compileSelector(target.select),
    reject,
    fieldPaths: target.fieldPaths.length > 0 ? target.fieldPaths : ["metadata.name"],
    options: target.options,
  }
}

/** A value on its way: the node, or a text that has no type yet. */
export interface ReplacementValue {
  readonly node: Node
  /** True for a text that is given and not copied: where it is new, it is read as a plain scalar. */
  readonly untyped: boolean
}

/** Copies the value of the source to every target. */
export function applyReplacement(map: ResourceMap, { entry, targets }: CompiledReplacement): void {
  const value = sourceValue(map, entry)
  for (const target of targets) {
    for (const resource of map.resources) if (isTarget(resource, target)) copyTo(resource, value, target)
  }
}

function isTarget(resource: Resource, { select, reject }: CompiledTarget): boolean {
  if (resource.node === undefined || !selectsMetadata(select, resource)) return false
  const ids = allIds(resource)
  if (!ids.some((id) => selectsId(select, id))) return false
  return !reject.some((selector) => isRejected(resource, ids, selector))
}

function isRejected(resource: Resource, ids: readonly ResourceId[], selector: CompiledSelector): boolean {
  if (!selector.isBare && ids.some((id) => selectsId(selector, id))) return true
  return selector.hasMetadata && selectsMetadata(selector, resource)
}

function sourceValue(map: ResourceMap, { source, sourceValue: given }: Replacement): ReplacementValue {
  if (given !== undefined) return { node: given, untyped: true }
  if (source === undefined) return fail("replacements must specify a source and at least one target")
  const { name, namespace, fieldPath: path, options } = source
  const nameOfSource = `${source.kind || "[noKind]"} '${name || "[noName]"}'`
  const isSource = (id: ResourceId): boolean =>
    isSelectedBy(id, source) && (name === "" || id.name === name) && (namespace === "" || sameNamespace(namespace, id))
  const found = map.resources.filter((resource) => resource.node !== undefined && allIds(resource).some(isSource))
  if (found.length > 1) fail(`multiple matches for selector ${nameOfSource}`)
  if (found.length === 0) fail(`nothing selected by ${nameOfSource}`)
  const fieldPath = path || "metadata.name"
  const node = lookup(found[0]!.node!, splitFieldPath(fieldPath))?.node
  if (node === undefined || isEmpty(node))
    return fail(`fieldPath \`${fieldPath}\` is missing for replacement source ${nameOfSource}`)
  return { node: cloneNode(refine(node, options)), untyped: false }
}

const sameNamespace = (namespace: string, id: ResourceId): boolean =>
  (namespace || "default") === (id.namespace || "default")

function refine(node: Node, options: FieldOptions | undefined): Node {
  if (options === undefined || options.delimiter === "") return node
  if (!isScalar(node)) return fail("delimiter option can only be used with scalar nodes")
  const parts = valueOf(node).split(options.delimiter)
  const part = parts[Number(options.index)]
  if (part === undefined) return fail(`options.index ${options.index} is out of bounds for value ${valueOf(node)}`)
  return makeScalar(tagOf(node), part)
}

function copyTo(resource: Resource, value: ReplacementValue, { fieldPaths, options }: CompiledTarget): void {
  for (const fieldPath of fieldPaths) {
    const path = splitFieldPath(fieldPath)
    const write = (place: Place): void => setValue(place, value, options)
    if (replaceInText(resource.node!, { path, write, create: options?.create === true ? value : undefined })) continue
    const places = findPlaces(resource.node!, path, options?.create === true ? kindOfValue(value.node) : undefined)
    if (places.length === 0) {
      const verb = options?.create === true ? "find or create" : "find"
      fail(`unable to ${verb} field "${fieldPath}" in replacement target`)
    }
    for (const place of places) write(place)
  }
}

/** What `create` makes at the end of a path. */
export function kindOfValue(node: Node): "scalar" | "map" | "list" {
  if (Array.isArray(node)) return "list"
  return isScalar(node) ? "scalar" : "map"
}

function setValue(place: Place, value: ReplacementValue, options: FieldOptions | undefined): void {
  const text =
    options !== undefined && options.delimiter !== "" ? replacePart(place.node, value.node, options) : undefined
  if (isScalar(place.node)) {
    const written = text ?? textOf(value.node)
    place.set(place.isNew === true ? plainScalar(written) : makeScalar(tagOf(place.node), written))
  } else if (value.untyped) place.set(plainScalar(textOf(value.node)))
  else place.set(cloneNode(value.node))
}

function replacePart(target: Node, value: Node, { delimiter, index }: FieldOptions): string {
  if (!isScalar(target)) return fail("delimiter option can only be used with scalar nodes")
  const parts = textOf(target).split(delimiter)
  const position = Number(index)
  if (position < 0) parts.unshift(valueOf(value))
  else if (position >= parts.length) parts.push(valueOf(value))
  else parts[position] = valueOf(value)
  return parts.join(delimiter)
}
