import { fail } from "../error.ts"
import type { FieldOptions, Replacement, ReplacementTarget } from "../kustomization.ts"
import { cloneNode, isEmpty, isScalar, tagOf, textOf, valueOf } from "../node/node.ts"
import type { Node } from "../node/node.ts"
import { nodeAt, placeOf, splitFieldPath } from "../node/path.ts"
import type { CreateKind, Place } from "../node/path.ts"
import { makeScalar, plainScalar, replaceText } from "../node/scalar.ts"
import { isSelectedBy } from "../resource/resource-id.ts"
import type { ResourceId } from "../resource/resource-id.ts"
import type { ResourceMap } from "../resource/resource-map.ts"
import { allIds, gvkOf, isNamed } from "../resource/resource.ts"
import type { Resource } from "../resource/resource.ts"
import { compileSelector, selectsId, selectsMetadata } from "../resource/selector.ts"
import type { CompiledSelector } from "../resource/selector.ts"
import { findPlaces } from "./find.ts"
import { compileElements } from "./patterns.ts"
import type { ElementMatchers } from "./patterns.ts"
import { replaceInText, walkCopy } from "./text.ts"
import type { ReplacementValue, Write } from "./write.ts"

interface CompiledPath {
  readonly text: string
  readonly path: readonly string[]
  readonly matchers: ElementMatchers
}

interface CompiledTarget {
  readonly select: CompiledSelector
  readonly reject: readonly CompiledSelector[]
  readonly paths: readonly CompiledPath[]
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
  const paths: CompiledPath[] = []
  for (const text of target.fieldPaths.length > 0 ? target.fieldPaths : ["metadata.name"]) {
    const path = splitFieldPath(text)
    paths.push({ text, path, matchers: await compileElements(path) })
  }
  return { select: await compileSelector(target.select), reject, paths, options: target.options }
}

/** Copies the value of the source to every target. */
export function applyReplacement(map: ResourceMap, { entry, targets }: CompiledReplacement): void {
  const value = sourceValue(map, entry)
  for (const target of targets) {
    for (const resource of map.resources) if (isTarget(resource, target)) copyTo(resource, value, target)
  }
}

function isTarget(resource: Resource, { select, reject }: CompiledTarget): boolean {
  if (resource.node === undefined || !isOfKind(resource, select) || !selectsMetadata(select, resource)) return false
  const ids = allIds(resource)
  if (!ids.some((id) => selectsId(select, id))) return false
  return !reject.some((selector) => isRejected(resource, ids, selector))
}

/** False for a resource that no id selects, whatever its names: the usual case, known at once. */
function isOfKind(resource: Resource, select: CompiledSelector): boolean {
  const gvk = gvkOf(resource)
  return select.gvk(gvk) || resource.previous.some(({ kind }) => kind !== gvk.kind)
}

function isRejected(resource: Resource, ids: readonly ResourceId[], selector: CompiledSelector): boolean {
  if (!selector.isBare && ids.some((id) => selectsId(selector, id))) return true
  return selector.hasMetadata && selectsMetadata(selector, resource)
}

function sourceValue(map: ResourceMap, { source, sourceValue: given }: Replacement): ReplacementValue {
  if (given !== undefined) return { node: given, untyped: true }
  if (source === undefined) return fail("replacements must specify a source and at least one target")
  if (map.resources.some(hasComma)) fail("a comma in the former name of an object hides what it was called")
  const { name, namespace, fieldPath: path, options } = source
  const nameOfSource = `${source.kind || "[noKind]"} '${name || "[noName]"}'`
  const isSource = (id: ResourceId): boolean =>
    isSelectedBy(id, source) && (name === "" || id.name === name) && (namespace === "" || sameNamespace(namespace, id))
  const found = map.resources.filter(
    (resource) =>
      resource.node !== undefined && (name === "" || isNamed(resource, name)) && allIds(resource).some(isSource),
  )
  if (found.length > 1) fail(`multiple matches for selector ${nameOfSource}`)
  if (found.length === 0) fail(`nothing selected by ${nameOfSource}`)
  const fieldPath = path || "metadata.name"
  const node = nodeAt(found[0]!.node!, splitFieldPath(fieldPath))
  if (node === undefined || isEmpty(node))
    return fail(`fieldPath \`${fieldPath}\` is missing for replacement source ${nameOfSource}`)
  return { node: cloneNode(refine(node, options)), untyped: false }
}

/** kustomize keeps former names divided by commas, and refuses what it cannot divide. */
const hasComma = ({ previous }: Resource): boolean =>
  previous.some(({ name, namespace }) => name.includes(",") || namespace.includes(","))

const sameNamespace = (namespace: string, id: ResourceId): boolean =>
  (namespace || "default") === (id.namespace || "default")

function refine(node: Node, options: FieldOptions | undefined): Node {
  if (options === undefined || options.delimiter === "") return node
  if (!isScalar(node)) return fail("delimiter option can only be used with scalar nodes")
  const parts = valueOf(node).split(options.delimiter)
  const part = parts[Number(options.index)]
  if (part === undefined) return fail(`options.index ${options.index} is out of bounds for the value of the source`)
  return makeScalar(tagOf(node), part)
}

function copyTo(resource: Resource, value: ReplacementValue, { paths, options }: CompiledTarget): void {
  const create = options?.create === true ? kindOfValue(value.node) : undefined
  const part = partOf(value.node, options)
  for (const { text, path, matchers } of paths) {
    const write: Write = { value, part, create, matchers }
    if (replaceInText(placeOf(resource), { path, write })) continue
    const enterText = (inner: string, rest: readonly string[]): number => walkCopy(inner, rest, write)
    const places = findPlaces(placeOf(resource), { path, create, matchers }, enterText)
    if (places.length === 0) {
      fail(`unable to ${create === undefined ? "find" : "find or create"} field "${text}" in replacement target`)
    }
    for (const place of places) setValue(place, write)
  }
}

function kindOfValue(node: Node): CreateKind {
  if (Array.isArray(node)) return "list"
  return isScalar(node) ? "scalar" : "map"
}

function setValue(place: Place, { value, part }: Write): void {
  const text = part?.(isScalar(place.node) ? textOf(place.node) : undefined)
  if (isScalar(place.node)) {
    const written = text ?? textOf(value.node)
    if (place.isNew === undefined) place.set(replaceText(place.node, written))
    else place.set(written === "" && place.isNew === "block" ? null : plainScalar(written))
  } else if (value.untyped) place.set(textOf(value.node) === "" ? null : plainScalar(textOf(value.node)))
  else place.set(cloneNode(value.node))
}

/** How a part of the target's text is replaced; absent where the whole is. */
function partOf(value: Node, options: FieldOptions | undefined): Write["part"] {
  if (options === undefined || options.delimiter === "") return undefined
  const { delimiter, index } = options
  return (text) => {
    if (text === undefined) return fail("delimiter option can only be used with scalar nodes")
    const parts = text.split(delimiter)
    const position = Number(index)
    if (position < 0) parts.unshift(valueOf(value))
    else if (position >= parts.length) parts.push(valueOf(value))
    else parts[position] = valueOf(value)
    return parts.join(delimiter)
  }
}
