import type { YamlPath } from "@gitops-toolkit/kube/manifest"
import { mergeFieldSpec, mergeFieldSpecs } from "../config/field-spec.ts"
import type { FieldSpec } from "../config/field-spec.ts"
import type { TransformerConfig } from "../config/transformer-config.ts"
import type { Kustomization, LabelEntry } from "../kustomization.ts"
import {
  createJson6902Transformer,
  createPatchTransformer,
  createStrategicTransformer,
} from "../patches/patch-transformers.ts"
import type { PatchSetup } from "../patches/patch-transformers.ts"
import { createReplacementTransformer } from "../replacements/replacement-transformer.ts"
import type { ResourceMap } from "../resource/resource-map.ts"
import type { Resource } from "../resource/resource.ts"
import { applyImage, compileImage } from "../transformers/images.ts"
import { addEntries } from "../transformers/labels.ts"
import { addAffix } from "../transformers/names.ts"
import { applyNamespace } from "../transformers/namespace.ts"
import { applyReplicas } from "../transformers/replicas.ts"
import type { Transformer } from "./context.ts"

/** The transformers of a kustomization's own fields, in kustomize's order, whatever the order in the file. */
export async function createBuiltinTransformers(
  kustomization: Kustomization,
  config: TransformerConfig,
  setup: PatchSetup,
): Promise<Transformer[]> {
  const result: Transformer[] = []
  if (kustomization.patchesStrategicMerge.length > 0) {
    const config = { paths: kustomization.patchesStrategicMerge, patches: "" }
    result.push({ ...(await createStrategicTransformer(config, setup)), field: ["patchesStrategicMerge"] })
  }
  for (const [index, entry] of kustomization.patches.entries()) {
    result.push({ ...(await createPatchTransformer(entry, setup)), field: ["patches", index] })
  }
  result.push(...nameTransformers(kustomization, config), ...labelTransformers(kustomization, config))
  const annotations = new Map(Object.entries(kustomization.commonAnnotations))
  if (annotations.size > 0) {
    const entries = { entries: annotations, fieldSpecs: config.commonAnnotations }
    const apply = (map: ResourceMap): void => addEntries(map, entries)
    result.push({ name: "AnnotationsTransformer", field: ["commonAnnotations"], apply })
  }
  for (const [index, entry] of kustomization.patchesJson6902.entries()) {
    result.push({ ...(await createJson6902Transformer(entry, setup)), field: ["patchesJson6902", index] })
  }
  for (const [index, { name, count }] of kustomization.replicas.entries()) {
    const replicas = { name, count, fieldSpecs: config.replicas }
    const apply = (map: ResourceMap): void => applyReplicas(map, replicas)
    result.push({ name: "ReplicaCountTransformer", field: ["replicas", index], fieldSpecs: config.replicas, apply })
  }
  const imageless = new Set<Resource>()
  for (const [index, entry] of kustomization.images.entries()) {
    const image = { image: await compileImage(entry), fieldSpecs: config.images, imageless }
    const apply = (map: ResourceMap): void => applyImage(map, image)
    result.push({ name: "ImageTagTransformer", field: ["images", index], fieldSpecs: config.images, apply })
  }
  if (kustomization.replacements.length > 0) {
    result.push({
      ...(await createReplacementTransformer(kustomization.replacements, setup)),
      field: ["replacements"],
    })
  }
  return result
}

function nameTransformers(kustomization: Kustomization, config: TransformerConfig): Transformer[] {
  const { namespace, namePrefix, nameSuffix } = kustomization
  const result: Transformer[] = []
  if (namespace !== "") {
    const fieldSpecs = config.namespace
    const apply = (map: ResourceMap): void => applyNamespace(map, { namespace, fieldSpecs })
    result.push({ name: "NamespaceTransformer", field: ["namespace"], fieldSpecs, apply })
  }
  if (namePrefix !== "") {
    const affix = { prefix: namePrefix, fieldSpecs: config.namePrefix }
    const apply = (map: ResourceMap): void => addAffix(map, affix)
    result.push({ name: "PrefixTransformer", field: ["namePrefix"], fieldSpecs: config.namePrefix, apply })
  }
  if (nameSuffix !== "") {
    const affix = { suffix: nameSuffix, fieldSpecs: config.nameSuffix }
    const apply = (map: ResourceMap): void => addAffix(map, affix)
    result.push({ name: "SuffixTransformer", field: ["nameSuffix"], fieldSpecs: config.nameSuffix, apply })
  }
  return result
}

/** The fields that one entry of `labels` changes. */
export function fieldSpecsOfLabels(entry: LabelEntry, config: TransformerConfig): readonly FieldSpec[] {
  const specs = mergeFieldSpecs(entry.fields, config.labels)
  if (entry.includeSelectors) return mergeFieldSpecs(specs, config.commonLabels)
  const templates = entry.includeTemplates ? config.templateLabels : []
  const claims = entry.includeVolumeClaimTemplates ? config.volumeClaimTemplateLabels : []
  return mergeFieldSpec(mergeFieldSpecs(mergeFieldSpecs(specs, templates), claims), {
    path: "metadata/labels",
    create: true,
  })
}

function labelTransformers({ labels, commonLabels }: Kustomization, config: TransformerConfig): Transformer[] {
  const common = new Map(Object.entries(commonLabels))
  if (labels.length === 0 && common.size === 0) return []
  const create = (field: YamlPath, entries: Parameters<typeof addEntries>[1]): Transformer => ({
    name: "LabelTransformer",
    field,
    fieldSpecs: entries.fieldSpecs,
    apply: (map) => addEntries(map, entries),
  })
  const all = labels.map((entry, index) => {
    const entries = new Map(Object.entries(entry.pairs))
    return create(["labels", index], { entries, fieldSpecs: fieldSpecsOfLabels(entry, config) })
  })
  // kustomize has one for commonLabels even where there are none; its notes of transformations show it.
  return [...all, create(["commonLabels"], { entries: common, fieldSpecs: config.commonLabels })]
}
