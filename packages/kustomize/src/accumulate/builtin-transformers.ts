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
import { applyImages, compileImage } from "../transformers/images.ts"
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
    result.push(await createStrategicTransformer({ paths: kustomization.patchesStrategicMerge, patches: "" }, setup))
  }
  for (const entry of kustomization.patches) result.push(await createPatchTransformer(entry, setup))
  result.push(...nameTransformers(kustomization, config), ...labelTransformers(kustomization, config))
  const annotations = new Map(Object.entries(kustomization.commonAnnotations))
  if (annotations.size > 0) {
    const entries = { entries: annotations, fieldSpecs: config.commonAnnotations }
    result.push({ name: "AnnotationsTransformer", apply: (map) => addEntries(map, entries) })
  }
  for (const entry of kustomization.patchesJson6902) result.push(await createJson6902Transformer(entry, setup))
  for (const { name, count } of kustomization.replicas) {
    const replicas = { name, count, fieldSpecs: config.replicas }
    result.push({ name: "ReplicaCountTransformer", apply: (map) => applyReplicas(map, replicas) })
  }
  for (const entry of kustomization.images) {
    const image = await compileImage(entry)
    result.push({ name: "ImageTagTransformer", apply: (map) => applyImages(map, [image], config.images) })
  }
  if (kustomization.replacements.length > 0) {
    result.push(await createReplacementTransformer(kustomization.replacements, setup))
  }
  return result
}

function nameTransformers(kustomization: Kustomization, config: TransformerConfig): Transformer[] {
  const { namespace, namePrefix, nameSuffix } = kustomization
  const result: Transformer[] = []
  if (namespace !== "") {
    const fieldSpecs = config.namespace
    result.push({ name: "NamespaceTransformer", apply: (map) => applyNamespace(map, { namespace, fieldSpecs }) })
  }
  if (namePrefix !== "") {
    const affix = { prefix: namePrefix, fieldSpecs: config.namePrefix }
    result.push({ name: "PrefixTransformer", apply: (map) => addAffix(map, affix) })
  }
  if (nameSuffix !== "") {
    const affix = { suffix: nameSuffix, fieldSpecs: config.nameSuffix }
    result.push({ name: "SuffixTransformer", apply: (map) => addAffix(map, affix) })
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
  const all = labels.map((entry) => ({
    entries: new Map(Object.entries(entry.pairs)),
    fieldSpecs: fieldSpecsOfLabels(entry, config),
  }))
  // kustomize has one for commonLabels even where there are none; its notes of transformations show it.
  all.push({ entries: common, fieldSpecs: config.commonLabels })
  return all.map((entries) => ({ name: "LabelTransformer", apply: (map) => addEntries(map, entries) }))
}
