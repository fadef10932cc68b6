import type { KubeObject } from "@gitops-toolkit/kube"
import type { YamlPath } from "@gitops-toolkit/kube/manifest"
import type { FieldSpec } from "../config/field-spec.ts"
import type { TransformerConfig } from "../config/transformer-config.ts"
import type { KeyPlace } from "../generators/key-values.ts"
import type { Kustomization, KustomizationFile, TextMap, Var } from "../kustomization.ts"
import type { Budget } from "../limits.ts"
import type { FileText, Loader } from "../load/loader.ts"
import type { FieldOrigins } from "../origin.ts"
import type { Files } from "../files.ts"
import type { OpenApi } from "../resource/open-api.ts"
import type { ResourceMap } from "../resource/resource-map.ts"
import type { Resource } from "../resource/resource.ts"

/** A remote base that the caller supplies: files, and the folder (or file) in them that is meant. */
export interface ResolvedBase {
  readonly files: Files
  readonly path?: string
}

/** Supplies remote bases; absent for what it does not know. */
export type ResolveBase = (
  url: string,
  options: { readonly signal?: AbortSignal | undefined },
) => Promise<ResolvedBase | undefined>

/** A KRM function in TypeScript: gets its configuration and the objects so far, returns all objects. */
export type FunctionTransformer = (
  config: KubeObject,
  objects: readonly KubeObject[],
  options: { readonly signal?: AbortSignal | undefined },
) => readonly KubeObject[] | Promise<readonly KubeObject[]>

/** A KRM function that makes objects out of its configuration. */
export type FunctionGenerator = (
  config: KubeObject,
  options: { readonly signal?: AbortSignal | undefined },
) => readonly KubeObject[] | Promise<readonly KubeObject[]>

/** Functions by the `kind`, or `apiVersion/kind`, of their configuration. */
export interface Functions {
  readonly generators: { readonly [kind: string]: FunctionGenerator }
  readonly transformers: { readonly [kind: string]: FunctionTransformer }
}

/** What a builder remembers from one build for the next. Its nodes are frozen; builds share them and copy what they change. */
export interface Memory {
  /** The resources of a file, read anew only when its bytes have changed. */
  readFile(path: string, bytes: Uint8Array, read: () => Resource[]): Resource[]
  /** A kustomization file, read anew only when its bytes have changed. */
  readKustomization(path: string, bytes: Uint8Array, read: () => KustomizationFile): KustomizationFile
  /** Gathers a base, or takes the copy of it when none of the files it was made of has changed. */
  gatherBase(target: Target, accumulator: Accumulator, gather: Gather): Promise<void>
}

/** Gathers a kustomization from scratch. */
export type Gather = (target: Target, accumulator: Accumulator) => Promise<void>

/** What all parts of one build share. */
export interface BuildContext {
  readonly openApi: OpenApi
  readonly budget: Budget
  readonly signal: AbortSignal | undefined
  readonly resolve: ResolveBase | undefined
  readonly functions: Functions
  readonly warnings: string[]
  /** Gathers the resources of a kustomization and its bases. */
  readonly gather: Gather
  /** What a builder remembers; absent for a build on its own. */
  readonly memory: Memory | undefined
  /** Counts what came from elsewhere than files: remote bases, functions, OpenAPI documents. */
  outsideInputs: number
  /** Follows fields; absent unless the caller asks for their origins. */
  readonly tracer: Tracer | undefined
  /** True when the top kustomization has `buildMetadata`: then origins are noted as kustomize notes them. */
  notesOrigins: boolean
}

/** A part of a transformer: an entry of a field, or of a file that an entry names. */
export interface Part {
  readonly field: YamlPath
  readonly file?: FileText
  /** The entry in the file. */
  readonly way?: YamlPath
}

/** One transformer, ready to run. */
export interface Transformer {
  /** kustomize's name of it: `PrefixTransformer`. */
  readonly name: string
  /** The field of the kustomization that it stands for: `["images", 0]`. */
  readonly field?: YamlPath
  /** What it looks at of objects beside their ids and labels; absent: all of them. */
  readonly fieldSpecs?: readonly FieldSpec[]
  /** The patches that it applies. */
  readonly patches?: readonly FileText[]
  /** Calls `onPart` after each of its parts, where it has several. */
  apply(map: ResourceMap, onPart?: (part: Part) => void): void | Promise<void>
}

/** Labels and annotations for every object. */
export interface CommonMetadata {
  readonly labels?: TextMap
  readonly annotations?: TextMap
}

/** What changes resources in the course of a build. */
export type Stage =
  | { readonly by: "field"; readonly target: Target; readonly transformer: Transformer }
  | { readonly by: "plugin"; readonly transformer: Transformer; readonly config: Resource }
  | { readonly by: "finish"; readonly target: Target; readonly commonMetadata: CommonMetadata | undefined }
  | { readonly by: "hash" | "nameReference" | "vars" }

/** Follows every field on its way through a build; there is one only when the caller asks for origins of fields. */
export interface Tracer {
  /** Notes the file that resources were read from; `host` is the file that holds their text, where it has none of its own. */
  read(resources: readonly Resource[], file: FileText, host?: FileText): void
  /** Notes the entry of a generator that made an object, and where its keys are written. */
  generate(object: Resource, entry: GeneratedBy): void
  /** Notes the plugin that made objects. */
  generateBy(config: Resource, objects: readonly Resource[]): void
  /** Runs `action`, by which a generated object takes over what it has not from another one, and notes that. */
  merge(generated: Resource, existing: Resource, action: () => void): void
  /** Runs a stage, and notes what it has changed. */
  watch<Result>(map: ResourceMap, stage: Stage, action: Watched<Result>): Promise<Result>
  /** The origins of the fields of a finished object. */
  fieldsOf(object: KubeObject, resource: Resource): FieldOrigins | undefined
}

/** What a tracer watches. */
export type Watched<Result> = (onPart?: (part: Part) => void) => Result | Promise<Result>

/** The entry of a generator that made an object. */
export interface GeneratedBy {
  readonly target: Target
  readonly field: YamlPath
  readonly keys: ReadonlyMap<string, KeyPlace>
}

/** One kustomization on its way through the build. */
export interface Target {
  readonly context: BuildContext
  readonly loader: Loader
  readonly file: KustomizationFile
  readonly kustomization: Kustomization
  /** The kustomization file's own path, bytes and text, for messages. */
  readonly path: string
  readonly bytes: Uint8Array
  readonly text: string
  /** The folder as kustomize notes it in origins: relative to the one that is built. */
  readonly notedPath: string
}

/** What a kustomization and its bases have gathered so far. */
export interface Accumulator {
  readonly map: ResourceMap
  config: TransformerConfig
  readonly vars: Map<string, Var>
}
