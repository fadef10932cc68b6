import type { YamlPath } from "@gitops-toolkit/kube/manifest"
import type { Part, Stage, Target, Transformer } from "../accumulate/context.ts"
import type { KeyPlace } from "../generators/key-values.ts"
import type { FileText } from "../load/loader.ts"
import { textOf } from "../node/node.ts"
import type { Node } from "../node/node.ts"
import type { ResourceMap } from "../resource/resource-map.ts"
import { allIds, nameOf, namespaceOf } from "../resource/resource.ts"
import type { Resource } from "../resource/resource.ts"
import { documentsOf, inlineDocuments, outside, unfold } from "./located.ts"
import type { LocatedDocument } from "./located.ts"
import { findInPatch } from "./patch-places.ts"
import { placeAt } from "./trace.ts"
import type { Place, PlaceOf } from "./trace.ts"

/** Tells who set the fields of one resource. */
export type PlacesOf = (resource: Resource) => PlaceOf

/** The texts of files that were read, by path. */
export type Texts = ReadonlyMap<string, FileText>

const valueAt = (root: unknown, way: YamlPath): unknown =>
  way.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null && Object.hasOwn(value, key)
        ? (value as { readonly [key: string | number]: unknown })[key]
        : undefined,
    root,
  )

/** The way to a field as the kustomization spells it: in any case, or under its old name. */
function spell(target: Target, [field, ...rest]: YamlPath): YamlPath {
  const { value } = target.file.document
  const names = typeof value === "object" && value !== null ? Object.keys(value) : []
  const find = (wanted: unknown): string | undefined =>
    names.find((name) => name.toLowerCase() === String(wanted).toLowerCase())
  const way = [find(field) ?? String(field), ...rest]
  const [index] = rest
  const old = field === "images" && typeof index === "number" ? find("imageTags") : undefined
  if (old === undefined || valueAt(value, way) !== undefined) return way
  const before = (valueAt(value, way.slice(0, 1)) as readonly unknown[] | undefined)?.length ?? 0
  return [old, (index as number) - before]
}

// The parts of an entry that say what a transformer sets; for labels and annotations it is the field's own name.
const telling = ["count", "newTag", "digest", "newName"]

/** The place of a field of the kustomization, as near to the value at `path` as the file allows. */
export function placeInField(target: Target, field: YamlPath, path: YamlPath): Place {
  const transformer = String(field[0])
  if (valueAt(target.kustomization, field) !== valueAt(target.file.kustomization, field)) {
    return { transformer, document: outside, way: [] }
  }
  const { document } = target.file
  const way = spell(target, field)
  const last = path.at(-1) ?? ""
  for (const inner of [["pairs", last], [last], ...telling.map((name) => [name])]) {
    if (valueAt(document.value, [...way, ...inner]) !== undefined)
      return { transformer, document, way: [...way, ...inner] }
  }
  return { transformer, document, way }
}

/** The places of a patch, its text in a file of its own or in `host`. */
export function placesInPatches(texts: readonly FileText[], host: FileText | undefined, otherwise: PlacesOf): PlacesOf {
  let documents: LocatedDocument[] | undefined
  return (resource) => {
    const placeOf = otherwise(resource)
    const names = new Set(allIds(resource).map(({ name }) => name))
    return (path, value, known) => {
      documents ??= texts
        .flatMap((patch) =>
          host === undefined || patch.path !== host.path ? documentsOf(patch) : inlineDocuments(patch.text, host),
        )
        .flatMap(unfold)
      const place = placeOf(path, value, known)
      const found = findInPatch(documents, { root: resource.node as Node, path, names })
      if (found === undefined || place.document === outside) return place
      return { ...place, document: found.document, way: found.way }
    }
  }
}

function placesOfTransformer(transformer: Transformer, host: FileText | undefined, places: PlacesOf): PlacesOf {
  const { patches } = transformer
  return patches === undefined ? places : placesInPatches(patches, host, places)
}

/** Who sets what a stage of the build changes. */
export function placesOf(stage: Stage, map: ResourceMap, texts: Texts): PlacesOf {
  switch (stage.by) {
    case "field": {
      const { target, transformer } = stage
      const places: PlacesOf = () => (path) => placeInField(target, transformer.field ?? [], path)
      return placesOfTransformer(transformer, target, places)
    }
    case "plugin": {
      const place = placeOfPlugin(stage.config)
      const host = texts.get(stage.config.source?.path ?? "")
      return placesOfTransformer(stage.transformer, host, () => () => place)
    }
    case "hash":
      return placesOfHash
    case "nameReference":
      return placesOfReferences(map)
    case "finish":
      return () => (path, _value, known) => placeAtEnd(stage, path, known)
    default:
      // What is expanded stays where it was written.
      return () => (_path, _value, known) => ({ ...(known ?? nowhere), transformer: stage.by })
  }
}

/** Who sets what one part of a transformer changes: an entry of its own, or in a file that it names. */
export function placesOfPart(stage: Stage, part: Part): PlacesOf {
  const own = stage.by === "plugin" ? placeOfPlugin(stage.config) : { ...nowhere, transformer: String(part.field[0]) }
  if (part.file !== undefined) {
    const { path } = part.file
    const [document = { positionOf: () => ({ path }) }] = documentsOf(part.file)
    return () => () => ({ ...own, document, way: part.way ?? [] })
  }
  if (stage.by === "field") return () => (path) => placeInField(stage.target, part.field, path)
  return () => () => ({ ...own, way: [...own.way, ...part.field] })
}

const nowhere: Place = { document: outside, way: [] }

/** The place of a plugin's configuration. */
export function placeOfPlugin(config: Resource): Place {
  const kind = textOf((config.node?.["kind"] ?? "") as Node)
  return { ...(config.trace?.place ?? nowhere), transformer: kind }
}

/** A hash is that of what a generator has made. */
const placesOfHash: PlacesOf = ({ trace }) => {
  const place = trace === undefined ? nowhere : placeAt(trace, ["kind"])
  return () => ({ ...place, transformer: "hash" })
}

/** A reference has its value from the name of the object that it refers to. */
function placesOfReferences(map: ResourceMap): PlacesOf {
  // Of several that have a name one that got it in the build, and of those the first: the others were never looked for.
  const ordered = map.resources
    .toReversed()
    .toSorted((a, b) => Number(a.previous.length > 0) - Number(b.previous.length > 0))
  const index = (textOfResource: (resource: Resource) => string): Map<string, Resource> =>
    new Map(ordered.map((resource) => [textOfResource(resource), resource]))
  const names = index(nameOf)
  const namespaces = index(namespaceOf)
  return () => (path, value, known) => {
    const field = path.at(-1) === "namespace" ? "namespace" : "name"
    const referent = (field === "name" ? names : namespaces).get(textOf(value))
    const place = referent?.trace === undefined ? known : placeAt(referent.trace, ["metadata", field])
    return { ...(place ?? nowhere), transformer: "nameReference" }
  }
}

type FinishStage = Extract<Stage, { readonly by: "finish" }>

function placeAtEnd({ target, commonMetadata }: FinishStage, path: YamlPath, known: Place | undefined): Place {
  const [, field, name] = path.map(String)
  const common = field === "labels" || field === "annotations" ? commonMetadata?.[field] : undefined
  if (name !== undefined && common !== undefined && Object.hasOwn(common, name))
    return { transformer: "commonMetadata", document: outside, way: [] }
  if (known !== undefined) return known
  const { buildMetadata } = target.kustomization
  const isOption = name === "app.kubernetes.io/managed-by" && !buildMetadata.includes("managedByLabel")
  return isOption
    ? { transformer: "managedByLabel", document: outside, way: [] }
    : placeInField(target, ["buildMetadata"], [])
}

/** The fields of a generated object: data where they are written, the rest at the generator's entry. */
export function placesOfGenerated(entry: Place, keys: ReadonlyMap<string, KeyPlace>): PlaceOf {
  return (path) => {
    const [top, key] = path
    const place = top === "data" || top === "binaryData" ? keys.get(String(key)) : undefined
    if (place === undefined) return { ...entry, way: [...entry.way, ...inEntry(path)] }
    if ("index" in place) return { ...entry, way: [...entry.way, "literals", place.index] }
    return { ...entry, document: { positionOf: () => place }, way: [] }
  }
}

/** Where an entry of a generator has what is no datum. */
function inEntry([top, field, ...rest]: YamlPath): YamlPath {
  if (top !== "metadata" || field === undefined) return []
  return field === "labels" || field === "annotations" ? ["options", field, ...rest] : [field, ...rest]
}
