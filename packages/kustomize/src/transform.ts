import type { KubeObject } from "@gitops-toolkit/kube"
import { defaultConfig } from "./config/transformer-config.ts"
import { mergeFieldSpec } from "./config/field-spec.ts"
import type { FieldSpec } from "./config/field-spec.ts"
import type { Replacement, Selector, TextMap } from "./kustomization.ts"
import { cloneNode } from "./node/node.ts"
import type { MapNode, Node } from "./node/node.ts"
import { resolveNode } from "./node/resolve.ts"
import { parsePatch } from "./patches/patch-transformers.ts"
import { mergePatchInto, patchJson } from "./patches/apply.ts"
import { compileReplacement, applyReplacement } from "./replacements/replacement.ts"
import { createOpenApi } from "./resource/open-api.ts"
import type { OpenApi } from "./resource/open-api.ts"
import { createResourceMap, dropGone } from "./resource/resource-map.ts"
import type { ResourceMap } from "./resource/resource-map.ts"
import { createResource, isGone } from "./resource/resource.ts"
import type { Resource } from "./resource/resource.ts"
import { anySelector, compileSelector, selectResources } from "./resource/selector.ts"
import { applyImage, compileImage } from "./transformers/images.ts"
import type { ImageChange } from "./transformers/images.ts"
import { addEntries } from "./transformers/labels.ts"
import { fixNameReferences } from "./transformers/name-reference.ts"
import { addAffix } from "./transformers/names.ts"
import { applyNamespace } from "./transformers/namespace.ts"
import { applyReplicas } from "./transformers/replicas.ts"
import { KustomizeError } from "./error.ts"

// The transformers on their own: objects in, new objects out, nothing of the input is changed.

interface Work {
  readonly map: ResourceMap
  readonly openApi: OpenApi
}

function begin(objects: readonly KubeObject[]): Work {
  const openApi = createOpenApi()
  const resources = objects.map((object) => createResource(cloneNode(object as unknown as Node) as MapNode))
  return { map: createResourceMap(openApi.scopes, resources), openApi }
}

/** The objects, with names followed where they have changed. */
function end({ map }: Work): KubeObject[] {
  dropGone(map)
  fixNameReferences(map, defaultConfig.nameReference)
  return map.resources
    .filter((resource) => !isGone(resource))
    .map((resource) => {
      const { node } = resource
      const { metadata } = node as { metadata?: { annotations?: object } }
      if (metadata?.annotations !== undefined && Object.keys(metadata.annotations).length === 0)
        delete metadata.annotations
      return resolveNode(node as Node) as unknown as KubeObject
    })
}

function run(objects: readonly KubeObject[], apply: (map: ResourceMap) => void): KubeObject[] {
  const work = begin(objects)
  apply(work.map)
  return end(work)
}

/**
 * Sets the namespace of everything that is not cluster-scoped, renames Namespace objects, and follows in the subjects
 * of role bindings. Throws when two objects become one.
 *
 * @example
 * setNamespace(objects, "prod")
 */
export function setNamespace(objects: readonly KubeObject[], namespace: string): KubeObject[] {
  return run(objects, (map) => applyNamespace(map, { namespace, fieldSpecs: defaultConfig.namespace }))
}

/**
 * Adds a prefix and a suffix to names, and to every reference to them.
 *
 * @example
 * renameObjects(objects, { prefix: "dev-" })
 */
export function renameObjects(
  objects: readonly KubeObject[],
  { prefix = "", suffix = "" }: { readonly prefix?: string; readonly suffix?: string },
): KubeObject[] {
  return run(objects, (map) => {
    if (prefix !== "") addAffix(map, { prefix, fieldSpecs: defaultConfig.namePrefix })
    if (suffix !== "") addAffix(map, { suffix, fieldSpecs: defaultConfig.nameSuffix })
  })
}

/** Where labels go beside the metadata. */
export interface LabelOptions {
  /** Selectors and pod templates too; default false. Selectors of objects that exist cannot be changed in a cluster. */
  readonly includeSelectors?: boolean
  /** Pod templates too; default false. */
  readonly includeTemplates?: boolean
}

/**
 * Sets labels on every object.
 *
 * @example
 * addLabels(objects, { team: "a" }, { includeTemplates: true })
 */
export function addLabels(objects: readonly KubeObject[], labels: TextMap, options: LabelOptions = {}): KubeObject[] {
  const metadata: FieldSpec = { path: "metadata/labels", create: true }
  const templates = options.includeTemplates === true ? defaultConfig.templateLabels : []
  const fieldSpecs =
    options.includeSelectors === true ? defaultConfig.commonLabels : mergeFieldSpec(templates, metadata)
  return run(objects, (map) => addEntries(map, { entries: new Map(Object.entries(labels)), fieldSpecs }))
}

/**
 * Sets annotations on every object and on its pod template.
 *
 * @example
 * addAnnotations(objects, { "example.com/owner": "a" })
 */
export function addAnnotations(objects: readonly KubeObject[], annotations: TextMap): KubeObject[] {
  const fieldSpecs = defaultConfig.commonAnnotations
  return run(objects, (map) => addEntries(map, { entries: new Map(Object.entries(annotations)), fieldSpecs }))
}

/**
 * Sets the replicas of the workload called `name`. Throws when there is none.
 *
 * @example
 * setReplicas(objects, { name: "web", count: 3 })
 */
export function setReplicas(
  objects: readonly KubeObject[],
  { name, count }: { readonly name: string; readonly count: number },
): KubeObject[] {
  return run(objects, (map) => applyReplicas(map, { name, count, fieldSpecs: defaultConfig.replicas }))
}

/**
 * Changes images wherever a list is called containers or initContainers, and in image volumes. `name` is a regular
 * expression, as with kustomize; one that cannot be read matches nothing.
 *
 * @example
 * await setImages(objects, [{ name: "nginx", newTag: "1.27" }])
 */
export async function setImages(objects: readonly KubeObject[], images: readonly ImageChange[]): Promise<KubeObject[]> {
  const compiled = await Promise.all(images.map(compileImage))
  return run(objects, (map) => {
    const imageless = new Set<Resource>()
    for (const image of compiled) applyImage(map, { image, fieldSpecs: defaultConfig.images, imageless })
  })
}

/**
 * Applies a patch, strategic or JSON 6902, to the objects that `target` selects. A strategic patch without a target
 * goes to the object that it names. Throws `PatchFailed`.
 *
 * @example
 * await applyPatch(objects, { patch: "- { op: remove, path: /spec/replicas }", target: { kind: "Deployment" } })
 */
export async function applyPatch(
  objects: readonly KubeObject[],
  { patch, target }: { readonly patch: string; readonly target?: Partial<Selector> },
): Promise<KubeObject[]> {
  const work = begin(objects)
  const parsed = parsePatch({ text: patch.trim(), path: "(patch)" })
  if ("json" in parsed) {
    if (target === undefined) throw new KustomizeError("PatchFailed", "must specify a target for a JSON patch")
    const selected = selectResources(work.map, await compileSelector({ ...anySelector, ...target }))
    for (const resource of selected) patchJson(resource, parsed.json)
    return end(work)
  }
  await work.openApi.load()
  const { schemas } = work.openApi
  for (const resource of parsed.strategic) {
    const { kind, metadata } = resource.node as unknown as KubeObject
    const own = {
      kind: literal(kind),
      name: literal(metadata.name ?? ""),
      namespace: literal(metadata.namespace ?? ""),
    }
    const selected = selectResources(work.map, await compileSelector({ ...anySelector, ...(target ?? own) }))
    if (target === undefined && selected.length !== 1) {
      throw new KustomizeError(
        "PatchFailed",
        `${selected.length} objects match the patch for ${kind} '${metadata.name}'`,
      )
    }
    mergePatchInto(work.map, selected, { resource, schemas })
  }
  return end(work)
}

/** A text as a regular expression that matches just it. */
const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")

/**
 * Copies values from fields to fields, as an entry of `replacements` does. Throws when a field is missing.
 *
 * @example
 * const [entry] = parseKustomization(text).replacements
 * await applyReplacements(objects, [entry!])
 */
export async function applyReplacements(
  objects: readonly KubeObject[],
  replacements: readonly Replacement[],
): Promise<KubeObject[]> {
  const work = begin(objects)
  for (const entry of replacements) applyReplacement(work.map, await compileReplacement(entry))
  return end(work)
}
