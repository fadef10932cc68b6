import type { KubeObject } from "@gitops-toolkit/kube"
import { KustomizeError, fail } from "../error.ts"
import type { Kustomization } from "../kustomization.ts"
import { fieldOf, isMap, valueOf } from "../node/node.ts"
import type { MapNode, Node } from "../node/node.ts"
import { resolveNode } from "../node/resolve.ts"
import { isTextKey } from "../node/scalar.ts"
import { sortBy, sortLegacy } from "../order.ts"
import { formatId } from "../resource/resource-id.ts"
import type { ResourceMap } from "../resource/resource-map.ts"
import {
  annotationsNode,
  atSource,
  currentId,
  isGone,
  kindOfResource,
  metaMap,
  nameOf,
  removeMeta,
  setMetaMap,
} from "../resource/resource.ts"
import type { Resource, Source } from "../resource/resource.ts"
import type { CommonMetadata } from "./context.ts"
import { addEntries } from "../transformers/labels.ts"
import { writeOrigins } from "./origins.ts"

/** How a build is finished. */
export interface FinishOptions {
  readonly kustomization: Kustomization
  readonly order: "legacy" | "none"
  readonly managedByLabel: boolean
  /** Whether the objects are frozen, since a builder remembers parts of them. */
  readonly freezes: boolean
  /** Labels and annotations for every object, over what it has. */
  readonly commonMetadata: CommonMetadata | undefined
}

/** One object of the result. */
export interface Finished {
  readonly object: KubeObject
  readonly resource: Resource
  readonly origin: Partial<Source>
}

const localConfig = "config.kubernetes.io/local-config"
const managedBy = "app.kubernetes.io/managed-by"
const kustomizeVersion = "kustomize-v5.8.2"

const internal = "internal.config.kubernetes.io/"
const buildAnnotations = new Set([
  ...[
    "previousKinds",
    "previousNames",
    "prefixes",
    "suffixes",
    "previousNamespaces",
    "allowNameChange",
    "allowKindChange",
    "refBy",
    "generatorBehavior",
    "needsHashSuffix",
    "path",
    "index",
    "seqindent",
    "id",
    "annotations-migration-resource-id",
    "helm-generated",
  ].map((name) => internal + name),
  "config.kubernetes.io/path",
  "config.kubernetes.io/index",
  "config.k8s.io/id",
  "config.kubernetes.io/origin",
  "alpha.config.kubernetes.io/transformations",
])

/** Drops local configuration, orders what is left, and turns it into plain objects. */
export function finishResources(map: ResourceMap, options: FinishOptions): Finished[] {
  const { kustomization } = options
  map.resources = map.resources.filter(isWanted)
  const sorted = sort(map.resources, options)
  if (options.managedByLabel || kustomization.buildMetadata.includes("managedByLabel")) {
    const entries = new Map([[managedBy, kustomizeVersion]])
    addEntries({ ...map, resources: sorted }, { entries, fieldSpecs: [{ path: "metadata/labels", create: true }] })
  }
  for (const field of ["labels", "annotations"] as const) {
    const entries = Object.entries(options.commonMetadata?.[field] ?? {})
    for (const resource of entries.length === 0 ? [] : sorted) {
      setMetaMap(resource, field, new Map([...metaMap(resource, field), ...entries]))
    }
  }
  return sorted.map((resource) => finish(resource, options))
}

function isWanted(resource: Resource): boolean {
  if (isGone(resource)) return false
  const kind = kindOfResource(resource)
  if (kind === "") fail("missing kind in object")
  if (!kind.endsWith("List") && nameOf(resource) === "") fail(`missing metadata.name in object of kind ${kind}`)
  const annotations = annotationsNode(resource)
  const local = isMap(annotations) ? fieldOf(annotations, localConfig) : undefined
  return local === undefined || valueOf(local) === "false"
}

function sort(resources: readonly Resource[], { kustomization, order }: FinishOptions): Resource[] {
  if (kustomization.sortOptions !== undefined) return sortBy(resources, kustomization.sortOptions)
  return order === "legacy" ? sortLegacy(resources) : [...resources]
}

function finish(resource: Resource, { kustomization, freezes }: FinishOptions): Finished {
  cleanAnnotations(resource)
  if (kustomization.buildMetadata.length > 0) writeOrigins(resource, kustomization.buildMetadata)
  try {
    const frozenIsPlain = resource.frozenTexts === "none"
    const object = resolveNode(resource.node as Node, { frozenIsPlain, freezes }) as unknown as KubeObject
    return { object, resource, origin: resource.source ?? {} }
  } catch (error) {
    if (!(error instanceof KustomizeError)) throw error
    const where = `${formatId(currentId(resource))}: `
    throw new KustomizeError(error.code, where + error.rawMessage, {
      cause: error,
      ...atSource(resource.source),
    })
  }
}

const isKept = (name: string, value: Node | undefined): boolean =>
  typeof value === "string" && !buildAnnotations.has(name) && isTextKey(name)

/** The annotations without kustomize's own; what is left is text, and nothing at all when it is empty. */
function cleanAnnotations(resource: Resource): void {
  const metadata = fieldOf(resource.node, "metadata")
  const annotations = fieldOf(metadata, "annotations")
  if (annotations === undefined) return
  const names = isMap(annotations) ? Object.keys(annotations) : []
  const isClean = names.length > 0 && names.every((name) => isKept(name, (annotations as MapNode)[name]))
  if (isClean) return
  if (isMap(annotations) && isMap(metadata) && names.length === 0) {
    removeMeta(resource, "annotations")
    return
  }
  const values = metaMap(resource, "annotations")
  for (const name of names) if (buildAnnotations.has(name)) values.delete(name)
  setMetaMap(resource, "annotations", values)
}
