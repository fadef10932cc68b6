import { KustomizeError } from "./error.ts"
import { anything, bool, exact, integer, listOf, optional, struct, text, textMap } from "./config/decode.ts"
import type { Decoder } from "./config/decode.ts"
import type { FieldSpec } from "./config/field-spec.ts"
import { readConfig } from "./config/read.ts"
import type { ConfigDocument } from "./config/read.ts"
import type { ImageChange } from "./transformers/images.ts"

/** Texts by name. */
export type TextMap = { readonly [name: string]: string }

/** Which resources a patch or a replacement is for. The fields are regular expressions, anchored at both ends. */
export interface Selector {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly name: string
  readonly namespace: string
  readonly annotationSelector: string
  readonly labelSelector: string
}

/** One entry of `labels`. */
export interface LabelEntry {
  readonly pairs: TextMap
  readonly includeSelectors: boolean
  readonly includeTemplates: boolean
  readonly includeVolumeClaimTemplates: boolean
  readonly fields: readonly FieldSpec[]
}

/** One entry of `patches`. */
export interface PatchEntry {
  readonly path: string
  readonly patch: string
  readonly target: Selector | undefined
  readonly options: { readonly allowNameChange: boolean; readonly allowKindChange: boolean } | undefined
}

/** What generated ConfigMaps and Secrets get beside their data. */
export interface GeneratorOptions {
  readonly labels: TextMap
  readonly annotations: TextMap
  readonly disableNameSuffixHash: boolean
  readonly immutable: boolean
}

/** One entry of `configMapGenerator` or `secretGenerator`. */
export interface GeneratorEntry {
  readonly namespace: string
  readonly name: string
  readonly behavior: string
  readonly literals: readonly string[]
  readonly files: readonly string[]
  readonly envs: readonly string[]
  readonly env: string
  readonly options: GeneratorOptions | undefined
  /** Secrets only. */
  readonly type?: string
}

/** How a part of a text is replaced. */
export interface FieldOptions {
  readonly delimiter: string
  readonly index: number | bigint
  readonly encoding: string
  readonly create: boolean
}

/** One replacement: a value from a field or given, and the fields that get it. */
export interface Replacement {
  readonly source:
    | {
        readonly group: string
        readonly version: string
        readonly kind: string
        readonly name: string
        readonly namespace: string
        readonly fieldPath: string
        readonly options: FieldOptions | undefined
      }
    | undefined
  readonly targets: readonly ReplacementTarget[] | undefined
  readonly sourceValue: string | undefined
}

/** Where a replacement's value goes. */
export interface ReplacementTarget {
  readonly select: Selector | undefined
  readonly reject: readonly (Selector | undefined)[]
  readonly fieldPaths: readonly string[]
  readonly options: FieldOptions | undefined
}

/** One entry of `vars`. */
export interface Var {
  readonly name: string
  readonly objref: {
    readonly apiVersion: string
    readonly group: string
    readonly version: string
    readonly kind: string
    readonly name: string
    readonly namespace: string
  }
  readonly fieldref: { readonly fieldPath: string }
}

/** How the objects are ordered. */
export interface SortOptions {
  readonly order: string
  readonly legacySortOptions:
    | { readonly orderFirst: readonly string[]; readonly orderLast: readonly string[] }
    | undefined
}

/** A kustomization file as read: every field is there, absent ones are empty. */
export interface Kustomization {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata:
    | { readonly name: string; readonly namespace: string; readonly labels: TextMap; readonly annotations: TextMap }
    | undefined
  readonly openapi: TextMap
  readonly namePrefix: string
  readonly nameSuffix: string
  readonly namespace: string
  readonly commonLabels: TextMap
  readonly labels: readonly LabelEntry[]
  readonly commonAnnotations: TextMap
  readonly patchesStrategicMerge: readonly string[]
  readonly patchesJson6902: readonly PatchEntry[]
  readonly patches: readonly PatchEntry[]
  readonly images: readonly Required<ImageChange>[]
  readonly imageTags: readonly Required<ImageChange>[]
  readonly replacements: readonly (Replacement & { readonly path: string })[]
  readonly replicas: readonly { readonly name: string; readonly count: number | bigint }[]
  readonly vars: readonly Var[]
  readonly sortOptions: SortOptions | undefined
  readonly resources: readonly string[]
  readonly components: readonly string[]
  readonly crds: readonly string[]
  readonly bases: readonly string[]
  readonly configMapGenerator: readonly GeneratorEntry[]
  readonly secretGenerator: readonly GeneratorEntry[]
  readonly helmGlobals: unknown
  readonly helmCharts: readonly unknown[]
  readonly helmChartInflationGenerator: readonly unknown[]
  readonly generatorOptions: GeneratorOptions | undefined
  readonly configurations: readonly string[]
  readonly generators: readonly string[]
  readonly transformers: readonly string[]
  readonly validators: readonly string[]
  readonly buildMetadata: readonly string[]
}

const gvkFields = { group: exact(text), version: exact(text), kind: exact(text) }
const idFields = { ...gvkFields, name: exact(text), namespace: exact(text) }

/** A field spec. */
export const fieldSpec: Decoder<FieldSpec> = struct({ ...gvkFields, path: text, create: bool })

/** A selector. */
export const selector: Decoder<Selector> = struct({
  ...idFields,
  annotationSelector: text,
  labelSelector: text,
})

const generatorOptions: Decoder<GeneratorOptions> = struct({
  labels: textMap,
  annotations: textMap,
  disableNameSuffixHash: bool,
  immutable: bool,
})

const generatorFields = {
  namespace: exact(text),
  name: exact(text),
  behavior: exact(text),
  literals: exact(listOf(text)),
  files: exact(listOf(text)),
  envs: exact(listOf(text)),
  env: exact(text),
  options: exact(optional(generatorOptions)),
}

/** An entry of `configMapGenerator`. */
export const configMapEntry: Decoder<GeneratorEntry> = struct(generatorFields) as Decoder<GeneratorEntry>

/** An entry of `secretGenerator`. */
export const secretEntry: Decoder<GeneratorEntry> = struct({
  ...generatorFields,
  type: exact(text),
}) as Decoder<GeneratorEntry>

/** An entry of `patches`. */
export const patchEntry: Decoder<PatchEntry> = struct({
  path: text,
  patch: text,
  target: optional(selector),
  options: optional(struct({ allowNameChange: bool, allowKindChange: bool })),
}) as Decoder<PatchEntry>

/** An entry of `images`. */
export const imageEntry: Decoder<Required<ImageChange>> = struct({
  name: text,
  newName: text,
  tagSuffix: text,
  newTag: text,
  digest: text,
})

const fieldOptions = struct<FieldOptions>({ delimiter: text, index: integer, encoding: text, create: bool })

const target = struct<ReplacementTarget>({
  select: optional(selector),
  reject: listOf(optional(selector)),
  fieldPaths: listOf(text),
  options: optional(fieldOptions),
})

const replacementFields = {
  source: optional(struct({ ...idFields, fieldPath: text, options: optional(fieldOptions) })),
  targets: optional(listOf(target)),
  sourceValue: optional(text),
}

/** One replacement, as a file of `replacements` holds it. */
export const replacement: Decoder<Replacement> = struct(replacementFields) as Decoder<Replacement>

/** An entry of `replacements`. */
export const replacementEntry: Decoder<Replacement & { readonly path: string }> = struct({
  ...replacementFields,
  path: text,
}) as Decoder<Replacement & { readonly path: string }>

/** An entry of `replicas`. */
export const replicaEntry: Decoder<{ readonly name: string; readonly count: number | bigint }> = struct({
  name: text,
  count: integer,
})

const variable: Decoder<Var> = struct({
  name: text,
  objref: struct({ apiVersion: text, ...gvkFields, name: text, namespace: text }),
  fieldref: struct({ fieldPath: text }),
})

const helmGlobals = struct({ chartHome: text, configHome: text })

const kustomization: Decoder<Kustomization> = struct({
  apiVersion: text,
  kind: text,
  metadata: optional(struct({ name: text, namespace: text, labels: textMap, annotations: textMap })),
  openapi: textMap,
  namePrefix: text,
  nameSuffix: text,
  namespace: text,
  commonLabels: textMap,
  labels: listOf(
    struct<LabelEntry>({
      pairs: textMap,
      includeSelectors: bool,
      includeTemplates: bool,
      includeVolumeClaimTemplates: bool,
      fields: listOf(fieldSpec),
    }),
  ),
  commonAnnotations: textMap,
  patchesStrategicMerge: listOf(text),
  patchesJson6902: listOf(patchEntry),
  patches: listOf(patchEntry),
  images: listOf(imageEntry),
  imageTags: listOf(imageEntry),
  replacements: listOf(replacementEntry),
  replicas: listOf(replicaEntry),
  vars: listOf(variable),
  sortOptions: optional(
    struct({
      order: text,
      legacySortOptions: optional(struct({ orderFirst: listOf(text), orderLast: listOf(text) })),
    }),
  ) as Decoder<SortOptions | undefined>,
  resources: listOf(text),
  components: listOf(text),
  crds: listOf(text),
  bases: listOf(text),
  configMapGenerator: listOf(configMapEntry),
  secretGenerator: listOf(secretEntry),
  helmGlobals: optional(helmGlobals),
  helmCharts: listOf(anything),
  helmChartInflationGenerator: listOf(anything),
  generatorOptions: optional(generatorOptions),
  configurations: listOf(text),
  generators: listOf(text),
  transformers: listOf(text),
  validators: listOf(text),
  buildMetadata: listOf(text),
})

/** A kustomization with what was written in it: for deprecations and positions. */
export interface KustomizationFile {
  readonly kustomization: Kustomization
  /** The names of the fields that the file holds, as `Kustomization` spells them, with a value that is not null. */
  readonly fields: ReadonlySet<string>
  readonly document: ConfigDocument
}

/** Reads a kustomization file without completing it. */
export function readKustomization(content: string, path: string): KustomizationFile {
  const document = readConfig(content, path)
  const decoded = document.decode(kustomization, { strict: true, converts: false })
  const names = new Map(Object.keys(decoded).map((name) => [name.toLowerCase(), name]))
  const fields = new Set<string>()
  const { value } = document
  if (typeof value === "object" && value !== null) {
    for (const [name, item] of Object.entries(value))
      if (item !== null) fields.add(names.get(name.toLowerCase()) ?? name)
  }
  return { kustomization: complete(decoded), fields, document }
}

/** Fills in kind and apiVersion, and turns the old spellings into the new ones. */
function complete(read: Kustomization): Kustomization {
  const kind = read.kind || "Kustomization"
  const version = kind === "Component" ? "v1alpha1" : "v1beta1"
  return {
    ...read,
    kind,
    apiVersion: read.apiVersion || `kustomize.config.k8s.io/${version}`,
    resources: [...read.resources, ...read.bases],
    bases: [],
    images: [...read.images, ...read.imageTags],
    imageTags: [],
    configMapGenerator: read.configMapGenerator.map(withEnvs),
    secretGenerator: read.secretGenerator.map(withEnvs),
    helmCharts: [...read.helmCharts, ...read.helmChartInflationGenerator],
    helmChartInflationGenerator: [],
  }
}

const withEnvs = (entry: GeneratorEntry): GeneratorEntry =>
  entry.env === "" ? entry : { ...entry, envs: [...entry.envs, entry.env], env: "" }

/**
 * Reads a kustomization file as kustomize does: YAML 1.1, unknown fields and values of a wrong type are errors, names
 * of fields match without regard to case. Old spellings (`bases`, `imageTags`, `env`) come out as the new ones.
 *
 * Throws `KustomizeError` `InvalidYaml` or `InvalidKustomization` with line and column.
 *
 * @example
 * parseKustomization("resources: [a.yaml]\nnamePrefix: dev-\n").namePrefix   // "dev-"
 */
export function parseKustomization(content: string, options: { readonly path?: string } = {}): Kustomization {
  const path = options.path ?? "kustomization.yaml"
  const file = readKustomization(content, path)
  checkKustomization(file, path)
  return file.kustomization
}

/** Checks what kustomize checks after reading: kind, apiVersion, and that there is anything in it. */
export function checkKustomization({ kustomization: read, fields, document }: KustomizationFile, path: string): void {
  const named = [...fields].filter((name) => name !== "apiVersion" && name !== "kind")
  if (named.every((name) => isZero(document, name))) {
    throw new KustomizeError("InvalidKustomization", `kustomization.yaml is empty: ${path}`, { at: { path } })
  }
  if (read.kind !== "Kustomization" && read.kind !== "Component") {
    document.fail({ message: "kind should be Kustomization or Component", path: ["kind"] })
  }
  const version = `kustomize.config.k8s.io/${read.kind === "Component" ? "v1alpha1" : "v1beta1"}`
  if (read.apiVersion !== version) {
    document.fail({ message: `apiVersion for ${read.kind} should be ${version}`, path: ["apiVersion"] })
  }
}

/** Go's zero value: an empty text; an empty list or map is not. */
function isZero({ value }: ConfigDocument, field: string): boolean {
  if (typeof value !== "object" || value === null) return true
  return Object.entries(value).every(
    ([name, item]) => name.toLowerCase() !== field.toLowerCase() || item === "" || item === null,
  )
}
