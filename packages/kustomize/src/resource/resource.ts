import type { SourcePosition } from "@gitops-toolkit/kube"
import { fail } from "../error.ts"
import { cloneNode, fieldOf, isEmpty, isMap, isMissingOrNull, setField, textOf } from "../node/node.ts"
import type { MapNode, Node, OwnMap } from "../node/node.ts"
import { freezeNode, ownNode, withoutField } from "../node/own.ts"
import type { Owner } from "../node/own.ts"
import { ensureMap } from "../node/path.ts"
import type { Trace } from "../origins/trace.ts"
import { isTextKey, overwriteField } from "../node/scalar.ts"
import { gvkFrom } from "./resource-id.ts"
import type { Gvk, ResourceId } from "./resource-id.ts"

/** Where an object came from: a file and the line where its document begins, or what generated it. */
export interface Source {
  readonly path: string
  readonly line?: number | undefined
}

/** The place of a source as an option of errors. */
export function atSource(source: Source | undefined): { readonly at?: SourcePosition } {
  if (source === undefined) return {}
  const { path, line } = source
  return { at: line === undefined ? { path } : { path, line } }
}

/** kustomize's note of an object's origin, as `buildMetadata: [originAnnotations]` prints it. */
export interface OriginNote {
  readonly path?: string
  readonly repo?: string
  readonly ref?: string
  readonly configuredIn?: string
  readonly configuredBy?: {
    readonly apiVersion?: string
    readonly kind?: string
    readonly name?: string
    readonly namespace?: string
  }
}

/** The name that a resource had before a transformer changed it. */
export interface PreviousName {
  readonly kind: string
  readonly name: string
  readonly namespace: string
}

/**
 * One resource while it is built. kustomize keeps the state in annotations of the object, so it is lost where a patch
 * drops them: `annotations` remembers which map it lived in.
 */
export interface Resource extends Owner {
  previous: readonly PreviousName[]
  prefixes: readonly string[]
  suffixes: readonly string[]
  needsHash: boolean
  behavior: "unspecified" | "create" | "replace" | "merge"
  allowNameChange: boolean
  allowKindChange: boolean
  varNames: readonly string[]
  origin: OriginNote | undefined
  transformations: readonly OriginNote[]
  source: Source | undefined
  /** Where its fields come from; only when the caller asks for it. */
  trace: Trace | undefined
}

/** A resource that nothing has happened to yet. */
export function createResource(node: MapNode, source?: Source): Resource {
  return {
    node,
    frozenTexts: "none",
    previous: [],
    prefixes: [],
    suffixes: [],
    needsHash: false,
    behavior: "unspecified",
    allowNameChange: false,
    allowKindChange: false,
    varNames: [],
    origin: undefined,
    transformations: [],
    source,
    trace: undefined,
  }
}

/** A copy that shares nothing that can change. */
export function cloneResource(resource: Resource): Resource {
  return { ...resource, node: cloneNode(resource.node) }
}

/** Makes a resource one that many builds may share; from then on only copies made by `copyShared` can change. */
export function shareResource(resource: Resource): Resource {
  freezeNode(resource)
  return Object.freeze(resource)
}

/** A copy of a shared resource. What of it nobody changes stays shared. */
export function copyShared(resource: Resource): Resource {
  return { ...resource }
}

/** The text of a top-level field; empty when there is none. */
const topField = (resource: Resource, name: string): string => textOf(fieldOf(resource.node, name))

/** The object's kind; empty when there is none. */
export const kindOfResource = (resource: Resource): string => topField(resource, "kind")

/** The object's apiVersion; empty when there is none. */
export const apiVersionOfResource = (resource: Resource): string => topField(resource, "apiVersion")

/** Group, version and kind. */
export function gvkOf(resource: Resource): Gvk {
  return gvkFrom(apiVersionOfResource(resource), kindOfResource(resource))
}

/** Group, version and the kind that the resource had first. */
export function originalGvk(resource: Resource): Gvk {
  const [first] = resource.previous
  return gvkFrom(apiVersionOfResource(resource), first === undefined ? kindOfResource(resource) : first.kind)
}

function metaField(resource: Resource, name: string): string {
  const value = fieldOf(fieldOf(resource.node, "metadata"), name)
  return typeof value === "string" ? value : isEmpty(value) ? "" : textOf(value)
}

/** `metadata.name`; empty when there is none. */
export const nameOf = (resource: Resource): string => metaField(resource, "name")

/** `metadata.namespace`; empty when there is none. */
export const namespaceOf = (resource: Resource): string => metaField(resource, "namespace")

/** The id that the resource has now. */
export function currentId(resource: Resource): ResourceId {
  const { group, version, kind } = gvkOf(resource)
  return { group, version, kind, name: nameOf(resource), namespace: namespaceOf(resource) }
}

/** The ids that the resource had, oldest first; they have its present group and version. */
export function previousIds(resource: Resource): ResourceId[] {
  if (resource.previous.length === 0) return []
  const { group, version } = gvkOf(resource)
  return resource.previous.map(({ kind, name, namespace }) => ({ group, version, kind, name, namespace }))
}

/** The first id that the resource had. */
export function originalId(resource: Resource): ResourceId {
  const [first] = resource.previous
  if (first === undefined) return currentId(resource)
  const { group, version, kind } = originalGvk(resource)
  return { group, version, kind, name: first.name, namespace: first.namespace }
}

/** Every id that the resource has or had: the present one first. */
export function allIds(resource: Resource): ResourceId[] {
  return [currentId(resource), ...previousIds(resource)]
}

/** True when the resource has or had the name. */
export function isNamed(resource: Resource, name: string): boolean {
  return nameOf(resource) === name || resource.previous.some((previous) => previous.name === name)
}

/** The annotations map; kustomize has one as soon as it keeps anything in it. */
export function ensureAnnotations(resource: Resource): OwnMap {
  return ensureMap(ownNode(resource), "metadata", "annotations")
}

/** Remembers the present id before it changes. `namespace` is the one that counts (`default` for none). */
export function storePreviousId(resource: Resource, kind: string, namespace: string): void {
  const previous: PreviousName = { kind, name: nameOf(resource), namespace }
  resource.previous = resource.previous.length === 0 ? [previous] : [...resource.previous, previous]
}

/** Writes `metadata.name` as kustomize does: without a tag, over what is there. */
export function setName(resource: Resource, name: string): void {
  setMeta(resource, "name", name)
}

/** Writes `metadata.namespace`; an empty one removes the field. */
export function setNamespaceOf(resource: Resource, namespace: string): void {
  if (namespace !== "") return setMeta(resource, "namespace", namespace)
  removeMeta(resource, "namespace")
}

/** Removes a field of the metadata. */
export function removeMeta(resource: Resource, name: string): void {
  const metadata = fieldOf(resource.node, "metadata")
  if (!isMap(metadata) || !Object.hasOwn(metadata, name)) return
  setField(ownNode(resource), "metadata", withoutField(metadata, name))
}

function setMeta(resource: Resource, name: string, value: string): void {
  const metadata = ensureMap(ownNode(resource), "metadata")
  setField(metadata, name, overwriteField(metadata, name, value))
}

/** Writes a top-level field without a tag, over what is there. */
export function setTopField(resource: Resource, name: string, value: string): void {
  const node = ownNode(resource)
  setField(node, name, overwriteField(node, name, value))
}

/** A map of metadata as texts. */
export function metaMap(resource: Resource, name: "labels" | "annotations"): Map<string, string> {
  const map = fieldOf(fieldOf(resource.node, "metadata"), name)
  return isMap(map) ? new Map(Object.keys(map).map((key) => [key, textOf(map[key])])) : new Map()
}

/** Replaces a map of metadata; an empty one removes the field. Values become strings. */
export function setMetaMap(
  resource: Resource,
  name: "labels" | "annotations",
  values: ReadonlyMap<string, string>,
): void {
  const metadata = ensureMap(ownNode(resource), "metadata")
  if (values.size === 0) return removeMeta(resource, name)
  const map: OwnMap = {}
  for (const [key, value] of values) {
    if (!isTextKey(key)) fail(`the key '${key}' of ${name} would be read as something else than a text`)
    setField(map, key, value)
  }
  metadata[name] = map
}

/** True when nothing is left of the resource. */
export function isGone(resource: Resource): boolean {
  return isEmpty(resource.node)
}

/** True when the resource has build state that kustomize would keep in annotations. */
export function hasState(resource: Resource): boolean {
  return (
    resource.previous.length + resource.prefixes.length + resource.suffixes.length > 0 ||
    resource.needsHash ||
    resource.behavior !== "unspecified"
  )
}

/** Forgets what kustomize keeps in annotations: a patch has dropped them. */
export function forgetState(resource: Resource): void {
  resource.previous = []
  resource.prefixes = []
  resource.suffixes = []
  resource.needsHash = false
  resource.behavior = "unspecified"
}

/** The annotations map itself; absent when there is none. */
export function annotationsNode(resource: Resource): Node | undefined {
  const annotations = fieldOf(fieldOf(resource.node, "metadata"), "annotations")
  return isMissingOrNull(annotations) ? undefined : annotations
}
