import { parseYamlDocuments } from "@gitops-toolkit/kube/manifest"
import type { YamlDocument, YamlLimits, YamlPosition } from "@gitops-toolkit/kube/manifest"
import { yamlError } from "../config/read.ts"
import { KustomizeError } from "../error.ts"
import {
  cloneNode,
  fieldOf,
  isEmpty,
  isList,
  isMap,
  isMissingOrNull,
  keepFolded,
  markFlow,
  markQuoted,
  noteRepeated,
  repeatedIn,
  textOf,
  valueOf,
} from "../node/node.ts"
import type { MapNode, Node } from "../node/node.ts"
import { resolveNode } from "../node/resolve.ts"
import { keepScalar, needsQuotes } from "../node/scalar.ts"
import { createResource, metaMap } from "./resource.ts"
import type { Resource } from "./resource.ts"

/** Where a text is from, and how much its aliases may stand for. */
export interface ReadOptions {
  readonly path: string
  readonly limits?: YamlLimits
}

interface Placed {
  readonly node: Node
  readonly line: number
}

/**
 * Reads the resources of a YAML text as kustomize does; lists of objects are unfolded. Throws for a text that is no
 * YAML and for what has no kind or name.
 */
export function readResources(text: string, options: ReadOptions): Resource[] {
  const { path } = options
  const placed = unwrap(readDocuments(text, options))
  const resources: Resource[] = []
  let queue = placed.filter(({ node }) => isResource(node, path))
  while (queue.length > 0) {
    const later: Placed[] = []
    for (const item of queue) {
      const inner = itemsOf(item, path)
      if (inner === undefined) resources.push(toResource(item, path))
      else later.push(...inner.filter(({ node }) => isResource(node, path)))
    }
    queue = later
  }
  return resources
}

function noteEntry(map: object, { line }: YamlPosition, [name, value]: readonly [string, unknown]): void {
  noteRepeated(map, [...(repeatedIn(map) ?? []), { line, name, value: value as Node }])
}

/** Of most texts that have quotes it is plain that they do. */
function noteQuotes(map: object, name: string, text: string): void {
  if (!needsQuotes(text)) markQuoted(map, name)
}

function readDocuments(text: string, { path, limits }: ReadOptions): Placed[] {
  let documents: YamlDocument[]
  try {
    const keeps = {
      scalar: keepScalar,
      folded: keepFolded,
      flow: markFlow,
      quoted: noteQuotes,
      duplicate: noteEntry,
    }
    documents = parseYamlDocuments(text, { profile: "kustomize", path, ...keeps, ...(limits ? { limits } : {}) })
  } catch (error) {
    throw yamlError(error, text, path)
  }
  return documents.map(({ value, line }) => ({ node: value as Node, line }))
}

/** A text that is nothing but a List stands for its items. */
function unwrap(documents: Placed[]): Placed[] {
  const [only, ...others] = documents
  if (only === undefined || others.length > 0) return documents
  const kind = textOf(fieldOf(only.node, "kind"))
  const items = fieldOf(only.node, "items")
  if ((kind !== "List" && kind !== "ResourceList") || items === undefined) return documents
  return isList(items) ? items.map((node) => ({ node, line: only.line })) : []
}

/** Sorts out what is empty; throws for what is no object. */
function isResource(node: Node, path: string): boolean {
  if (isEmpty(node)) return false
  const kind = valueOf(fieldOf(node, "kind"))
  const name = fieldOf(fieldOf(node, "metadata"), "name")
  if (kind === "")
    throw new KustomizeError("BuildFailed", `missing kind in object${describe(node)} in ${path}`, { at: { path } })
  if (!kind.endsWith("List") && (isEmpty(name) || textOf(name) === "")) {
    throw new KustomizeError("BuildFailed", `missing metadata.name in object of kind ${kind} in ${path}`, {
      at: { path },
    })
  }
  return true
}

function describe(node: Node): string {
  const name = textOf(fieldOf(fieldOf(node, "metadata"), "name"))
  if (!isMap(node)) return isList(node) ? " (it is a list)" : " (it is a text)"
  return name === "" ? "" : ` '${name}'`
}

/** The objects in a list of objects; absent for any other object. */
function itemsOf({ node, line }: Placed, path: string): Placed[] | undefined {
  const kind = textOf(fieldOf(node, "kind"))
  const items = fieldOf(node, "items")
  if (!kind.endsWith("List") || items === undefined) return undefined
  if (isMissingOrNull(items)) return []
  if (!isList(items))
    throw new KustomizeError("BuildFailed", `expected array in ${kind}/items in ${path}`, { at: { path, line } })
  return items.flatMap((item) => unwrap([{ node: resolveNode(cloneNode(item)) as Node, line }]))
}

const internal = "internal.config.kubernetes.io/"

function toResource({ node, line }: Placed, path: string): Resource {
  const resource = createResource(node as MapNode, { path, line })
  const annotations = fieldOf(fieldOf(node, "metadata"), "annotations")
  if (isMap(annotations) && Object.keys(annotations).some((name) => name.startsWith(internal))) adoptState(resource)
  return resource
}

/** An object may bring kustomize's own notes with it. */
function adoptState(resource: Resource): void {
  const annotations = metaMap(resource, "annotations")
  const list = (name: string): string[] => annotations.get(internal + name)?.split(",") ?? []
  const [names, namespaces, kinds] = [list("previousNames"), list("previousNamespaces"), list("previousKinds")]
  if (names.length !== namespaces.length || names.length !== kinds.length) {
    throw new KustomizeError("BuildFailed", "number of previous names, namespaces and kinds not equal")
  }
  resource.previous = names.map((name, i) => ({ name, namespace: namespaces[i]!, kind: kinds[i]! }))
  resource.prefixes = list("prefixes")
  resource.suffixes = list("suffixes")
  resource.needsHash = annotations.get(`${internal}needsHashSuffix`) === "enabled"
  resource.allowNameChange = annotations.get(`${internal}allowNameChange`) === "enabled"
  resource.allowKindChange = annotations.get(`${internal}allowKindChange`) === "enabled"
}
