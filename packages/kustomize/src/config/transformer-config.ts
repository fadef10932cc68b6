import { compareBytes } from "@gitops-toolkit/kube"
import type { GvkSelector } from "../resource/resource-id.ts"
import { orderFirst, orderLast } from "../order.ts"
import { mergeFieldSpecs } from "./field-spec.ts"
import type { FieldSpec } from "./field-spec.ts"
import { defaultFieldSpecs } from "./field-specs.generated.ts"

/** Fields that hold the name of an object of the kind. */
export interface NameReference extends GvkSelector {
  readonly fieldSpecs: readonly FieldSpec[]
}

/** The tables that tell transformers which fields to change. */
export interface TransformerConfig {
  readonly namePrefix: readonly FieldSpec[]
  readonly nameSuffix: readonly FieldSpec[]
  readonly namespace: readonly FieldSpec[]
  readonly commonLabels: readonly FieldSpec[]
  readonly labels: readonly FieldSpec[]
  readonly templateLabels: readonly FieldSpec[]
  readonly volumeClaimTemplateLabels: readonly FieldSpec[]
  readonly commonAnnotations: readonly FieldSpec[]
  readonly varReference: readonly FieldSpec[]
  readonly images: readonly FieldSpec[]
  readonly replicas: readonly FieldSpec[]
  readonly nameReference: readonly NameReference[]
}

/** The tables of plain field specs. */
export const fieldSpecTables = [
  "namePrefix",
  "nameSuffix",
  "namespace",
  "commonLabels",
  "labels",
  "templateLabels",
  "volumeClaimTemplateLabels",
  "commonAnnotations",
  "varReference",
  "images",
  "replicas",
] as const

function rankOf(kind: string | undefined): number {
  const early = orderFirst.indexOf(kind ?? "")
  return early >= 0 ? early - orderFirst.length : orderLast.indexOf(kind ?? "") + 1
}

const sortText = (gvk: GvkSelector): string => `${gvk.group || "~G"}_${gvk.version || "~V"}_${gvk.kind || "~K"}`

const byGvk = (a: GvkSelector, b: GvkSelector): number =>
  rankOf(a.kind) - rankOf(b.kind) || compareBytes(sortText(a), sortText(b))

/** A config without anything in it. */
export const emptyConfig: TransformerConfig = {
  namePrefix: [],
  nameSuffix: [],
  namespace: [],
  commonLabels: [],
  labels: [],
  templateLabels: [],
  volumeClaimTemplateLabels: [],
  commonAnnotations: [],
  varReference: [],
  images: [],
  replicas: [],
  nameReference: [],
}

/** The config with each table in kustomize's order. */
export function sortConfig(config: Partial<TransformerConfig>): TransformerConfig {
  const sorted: { -readonly [table in keyof TransformerConfig]: TransformerConfig[table] } = { ...emptyConfig }
  for (const table of fieldSpecTables) sorted[table] = (config[table] ?? []).toSorted(byGvk)
  sorted.nameReference = (config.nameReference ?? []).toSorted(byGvk)
  return sorted
}

/** The tables that kustomize begins with. */
export const defaultConfig: TransformerConfig = {
  ...emptyConfig,
  ...(defaultFieldSpecs as unknown as Partial<TransformerConfig>),
}

// Tables that stay as they are when they are merged into an empty one.
const settled = new WeakSet<readonly FieldSpec[]>()
for (const table of fieldSpecTables) settled.add(defaultConfig[table])

function mergeTable(specs: readonly FieldSpec[], added: readonly FieldSpec[]): readonly FieldSpec[] {
  if (specs === added || added.length === 0) return specs
  if (specs.length === 0 && settled.has(added)) return added
  const merged = mergeFieldSpecs(specs, added)
  return merged === specs ? specs : merged.toSorted(byGvk)
}

/**
 * Both configs in one, each table in order; entries that contradict each other are an error. An entry for any kind that
 * comes after one for some kind is taken for the same, as with kustomize.
 */
export function mergeConfigs(config: TransformerConfig, added: TransformerConfig): TransformerConfig {
  if (config === added || added === emptyConfig) return config
  const merged: { -readonly [table in keyof TransformerConfig]: TransformerConfig[table] } = { ...config }
  for (const table of fieldSpecTables) merged[table] = mergeTable(config[table], added[table])
  if (config.nameReference !== added.nameReference && added.nameReference.length > 0) {
    const isDefault = config.nameReference.length === 0 && added.nameReference === defaultConfig.nameReference
    merged.nameReference = isDefault
      ? added.nameReference
      : added.nameReference.reduce(mergeNameReference, config.nameReference).toSorted(byGvk)
  }
  return merged
}

const sameGvk = (a: GvkSelector, b: GvkSelector): boolean =>
  (a.group ?? "") === (b.group ?? "") && (a.version ?? "") === (b.version ?? "") && (a.kind ?? "") === (b.kind ?? "")

function mergeNameReference(references: readonly NameReference[], added: NameReference): readonly NameReference[] {
  if (!references.some((reference) => sameGvk(reference, added))) return [...references, added]
  return references.map((reference) =>
    sameGvk(reference, added)
      ? { ...reference, fieldSpecs: mergeFieldSpecs(reference.fieldSpecs, added.fieldSpecs) }
      : reference,
  )
}
