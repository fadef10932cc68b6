import { readResources } from "../resource/read.ts"
import { KustomizeError, fail } from "../error.ts"
import type { Decoder } from "../config/decode.ts"
import { exact, bool, integer, listOf, optional, struct, text, textMap } from "../config/decode.ts"
import { generateObject } from "../generators/data-object.ts"
import { readKeyValues } from "../generators/key-values.ts"
import {
  configMapEntry,
  fieldSpec,
  imageEntry,
  patchEntry,
  replacementEntry,
  replicaEntry,
  secretEntry,
  selector,
} from "../kustomization.ts"
import { loadFile, yamlText } from "../load/loader.ts"
import { readConfig } from "../config/read.ts"
import { cloneNode } from "../node/node.ts"
import type { Node } from "../node/node.ts"
import { resolveNode } from "../node/resolve.ts"
import {
  createJson6902Transformer,
  createPatchTransformer,
  createStrategicTransformer,
} from "../patches/patch-transformers.ts"
import { createReplacementTransformer } from "../replacements/replacement-transformer.ts"
import { addHashes } from "../generators/hash.ts"
import { formatId } from "../resource/resource-id.ts"
import {
  atSource,
  createResource,
  currentId,
  gvkOf,
  kindOfResource,
  nameOf,
  namespaceOf,
} from "../resource/resource.ts"
import type { OriginNote, Resource } from "../resource/resource.ts"
import { applyImage, compileImage } from "../transformers/images.ts"
import { addEntries } from "../transformers/labels.ts"
import { addAffix } from "../transformers/names.ts"
import { applyNamespace } from "../transformers/namespace.ts"
import type { SubjectMode } from "../transformers/namespace.ts"
import { applyReplicas } from "../transformers/replicas.ts"
import { createValueAdd } from "../transformers/value-add.ts"
import { appendResources } from "../resource/resource-map.ts"
import type { ResourceMap } from "../resource/resource-map.ts"
import { createAccumulator } from "./accumulator.ts"
import type { Accumulator } from "./context.ts"
import type { Transformer } from "./context.ts"
import { runFunctionGenerator, runFunctionTransformer } from "./functions.ts"
import { noteTransformation, originOf } from "./origins.ts"
import { accumulateResources } from "./resources.ts"
import { sameObjects } from "./validate.ts"
import type { Target } from "./context.ts"

/** Reads the configurations that `generators`, `transformers` or `validators` list: files, folders, or inline YAML. */
async function readPlugins(target: Target, entries: readonly string[]): Promise<readonly Resource[]> {
  if (entries.length === 0) return []
  const accumulator = createAccumulator(target.context)
  const paths: string[] = []
  for (const entry of entries) {
    const inline = parseInline(entry, target.path)
    if (inline === undefined) paths.push(entry)
    else {
      target.context.tracer?.read(inline, { path: target.path, text: entry }, target)
      if (target.context.notesOrigins)
        noteTransformation(inline, { path: originOf(target, target.path.split("/").at(-1)!) })
      appendResources(accumulator.map, inline)
    }
  }
  await accumulateResources(target, accumulator, paths)
  return accumulator.map.resources
}

function parseInline(entry: string, path: string): Resource[] | undefined {
  try {
    return readResources(entry, { path })
  } catch (error) {
    if (error instanceof KustomizeError) return undefined
    throw error
  }
}

/** The value of a configuration, decoded as kustomize does: unknown fields are ignored. */
function decodeConfig<Value>(resource: Resource, decoder: Decoder<Value>): Value {
  const value = resolveNode(cloneNode(resource.node!) as Node)
  const path = resource.source?.path ?? "(inline)"
  const failure = (fault: { message: string; path: readonly (string | number)[] }): never => {
    const place = fault.path.join(".")
    throw new KustomizeError(
      "InvalidKustomization",
      `plugin ${formatId(currentId(resource))} fails configuration: ${place}: ${fault.message}`,
      {
        ...atSource(resource.source ?? { path }),
      },
    )
  }
  return decoder(value, { path: [], strict: false, converts: true, fail: failure })
}

const isBuiltin = (resource: Resource): boolean => {
  const { group, version } = gvkOf(resource)
  return group === "" && version === "builtin"
}

/** A generator that was configured by a file: makes its objects. */
export type PluginGenerator = () => Promise<readonly Resource[]>

/** The generators that the field `generators` lists. */
export async function createPluginGenerators(target: Target): Promise<PluginGenerator[]> {
  const configs = await readPlugins(target, target.kustomization.generators)
  return configs.map((config) => async () => {
    const objects = await generate(target, config)
    target.context.tracer?.generateBy(config, objects)
    const origin = originOfPlugin(config)
    if (origin !== undefined)
      for (const object of objects) if (object.origin === undefined) noteTransformation([object], origin)
    return objects
  })
}

function originOfPlugin(config: Resource): OriginNote | undefined {
  if (config.origin === undefined) return undefined
  const { path } = config.origin
  const [name, namespace] = [nameOf(config), namespaceOf(config)]
  return {
    ...(path === undefined ? {} : { configuredIn: path }),
    configuredBy: {
      apiVersion: decodeConfig(config, struct({ apiVersion: text })).apiVersion,
      kind: kindOfResource(config),
      name,
      namespace,
    },
  }
}

async function generate(target: Target, config: Resource): Promise<readonly Resource[]> {
  const kind = kindOfResource(config)
  const metadata = decodeConfig(config, struct({ metadata: struct({ name: text, namespace: text }) })).metadata
  if (!isBuiltin(config)) return runFunctionGenerator(target.context, config)
  switch (kind) {
    case "ConfigMapGenerator":
    case "SecretGenerator": {
      const isSecret = kind === "SecretGenerator"
      const read = decodeConfig(config, isSecret ? secretEntry : configMapEntry)
      const entry = { ...read, name: read.name || metadata.name, namespace: read.namespace || metadata.namespace }
      return [generateObject(isSecret ? "Secret" : "ConfigMap", entry, await readKeyValues(target.loader, entry))]
    }
    case "IAMPolicyGenerator":
      return [generateIamPolicy(config)]
    case "HelmChartInflationGenerator":
      throw new KustomizeError("NotSupported", "must specify --enable-helm: Helm charts are not rendered here")
    default:
      return fail(`plugin ${formatId(currentId(config))} not a generator`)
  }
}

const iamPolicy = struct({
  cloud: text,
  kubernetesService: struct({ name: text, namespace: text }),
  serviceAccount: struct({ name: text, projectId: text }),
})

function generateIamPolicy(config: Resource): Resource {
  const { cloud, kubernetesService, serviceAccount } = decodeConfig(config, iamPolicy)
  if (cloud !== "gke") return fail(`cloud provider ${cloud} not supported yet`)
  const account = `${serviceAccount.name}@${serviceAccount.projectId}.iam.gserviceaccount.com`
  return createResource({
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: {
      annotations: { "iam.gke.io/gcp-service-account": account },
      name: kubernetesService.name,
      ...(kubernetesService.namespace === "" ? {} : { namespace: kubernetesService.namespace }),
    },
  })
}

/** A transformer that was configured by a file, and its origin as kustomize notes it. */
export interface PluginTransformer {
  readonly transformer: Transformer
  readonly config: Resource
  readonly origin: OriginNote | undefined
}

/** The transformers that the field `transformers` (or `validators`) lists. */
export async function createPluginTransformers(
  target: Target,
  entries: readonly string[],
): Promise<PluginTransformer[]> {
  const result: PluginTransformer[] = []
  for (const config of await readPlugins(target, entries)) {
    const transformer = await createTransformer(target, config)
    result.push({ transformer, config, origin: originOfPlugin(config) })
  }
  return result
}

const fieldSpecs = listOf(fieldSpec)

type Create = (target: Target, config: Resource) => Promise<Transformer>

const setup = (
  target: Target,
  config: Resource,
): { loader: Target["loader"]; context: Target["context"]; path: string } => ({
  loader: target.loader,
  context: target.context,
  path: config.source?.path ?? target.path,
})

const creators: { readonly [kind: string]: Create } = {
  AnnotationsTransformer: async (_target, config) => {
    const read = decodeConfig(config, struct({ annotations: textMap, fieldSpecs }))
    const entries = { entries: new Map(Object.entries(read.annotations)), fieldSpecs: read.fieldSpecs }
    return { name: "AnnotationsTransformer", apply: (map) => addEntries(map, entries) }
  },
  LabelTransformer: async (_target, config) => {
    const read = decodeConfig(config, struct({ labels: textMap, fieldSpecs }))
    const entries = { entries: new Map(Object.entries(read.labels)), fieldSpecs: read.fieldSpecs }
    return { name: "LabelTransformer", apply: (map) => addEntries(map, entries) }
  },
  HashTransformer: async () => ({ name: "HashTransformer", apply: addHashes }),
  ImageTagTransformer: async (_target, config) => {
    const read = decodeConfig(config, struct({ imageTag: imageEntry, fieldSpecs }))
    const image = { image: await compileImage(read.imageTag), fieldSpecs: read.fieldSpecs }
    return { name: "ImageTagTransformer", apply: (map) => applyImage(map, image) }
  },
  NamespaceTransformer: async (_target, config) => {
    const read = decodeConfig(
      config,
      struct({ metadata: struct({ namespace: text }), fieldSpecs, unsetOnly: bool, setRoleBindingSubjects: text }),
    )
    const mode = read.setRoleBindingSubjects || "defaultOnly"
    if (!["defaultOnly", "allServiceAccounts", "none"].includes(mode)) {
      return fail(
        `invalid value "${mode}" for setRoleBindingSubjects: must be one of "defaultOnly", "none" or "allServiceAccounts"`,
      )
    }
    const { namespace } = read.metadata
    const options = {
      namespace,
      fieldSpecs: read.fieldSpecs,
      unsetOnly: read.unsetOnly,
      setRoleBindingSubjects: mode as SubjectMode,
    }
    return { name: "NamespaceTransformer", apply: (map) => applyNamespace(map, options) }
  },
  PatchJson6902Transformer: (target, config) => {
    const read = decodeConfig(config, struct({ target: optional(selector), path: text, jsonOp: text }))
    const entry = { target: read.target, path: read.path, patch: read.jsonOp, options: undefined }
    return createJson6902Transformer(entry, setup(target, config))
  },
  PatchStrategicMergeTransformer: (target, config) =>
    createStrategicTransformer(
      decodeConfig(config, struct({ paths: listOf(text), patches: text })),
      setup(target, config),
    ),
  PatchTransformer: (target, config) => createPatchTransformer(decodeConfig(config, patchEntry), setup(target, config)),
  PrefixTransformer: async (_target, config) => createAffix(config, "prefix"),
  SuffixTransformer: async (_target, config) => createAffix(config, "suffix"),
  PrefixSuffixTransformer: async (_target, config) => {
    const [prefix, suffix] = [createAffix(config, "prefix"), createAffix(config, "suffix")]
    const apply = (map: ResourceMap): void => {
      void prefix.apply(map)
      void suffix.apply(map)
    }
    return { name: "PrefixSuffixTransformer", apply }
  },
  ReplacementTransformer: (target, config) =>
    createReplacementTransformer(
      decodeConfig(config, struct({ replacements: listOf(exact(replacementEntry)) })).replacements,
      setup(target, config),
    ),
  ReplicaCountTransformer: async (_target, config) => {
    const read = decodeConfig(config, struct({ replica: replicaEntry, fieldSpecs }))
    const replicas = { ...read.replica, fieldSpecs: read.fieldSpecs }
    return { name: "ReplicaCountTransformer", apply: (map) => applyReplicas(map, replicas) }
  },
  ValueAddTransformer: async (target, config) => {
    const entry = struct({ selector: optional(selector), fieldPath: text, filePathPosition: integer })
    const read = decodeConfig(config, struct({ value: text, targets: listOf(entry), targetFilePath: text }))
    const targets = [...read.targets]
    if (read.targetFilePath !== "") {
      const { path, bytes } = await loadFile(target.loader, read.targetFilePath)
      targets.push(
        ...readConfig(yamlText({ path, bytes }), path).decode(struct({ targets: listOf(entry) }), { strict: false })
          .targets,
      )
    }
    return createValueAdd({ value: read.value.trim() || target.loader.root.split("/").at(-1)!, targets })
  },
}

function createAffix(config: Resource, part: "prefix" | "suffix"): Transformer {
  const read = decodeConfig(config, struct({ prefix: text, suffix: text, fieldSpecs: optional(fieldSpecs) }))
  if (read.fieldSpecs === undefined) return fail("fieldSpecs is not expected to be nil")
  const affix = { [part]: read[part], fieldSpecs: read.fieldSpecs }
  return { name: part === "prefix" ? "PrefixTransformer" : "SuffixTransformer", apply: (map) => addAffix(map, affix) }
}

async function createTransformer(target: Target, config: Resource): Promise<Transformer> {
  const kind = kindOfResource(config)
  if (!isBuiltin(config)) return runFunctionTransformer(target.context, config)
  const create = Object.hasOwn(creators, kind) ? creators[kind] : undefined
  if (create === undefined) return fail(`unable to load builtin ${formatId(currentId(config))}`)
  return create(target, config)
}

/** Runs the validators: transformers that must not change anything. */
export async function runValidators(target: Target, accumulator: Accumulator): Promise<void> {
  for (const { transformer } of await createPluginTransformers(target, target.kustomization.validators)) {
    const before = accumulator.map.resources.map(({ node }) => cloneNode(node))
    await transformer.apply(accumulator.map)
    sameObjects(before, accumulator.map.resources)
  }
}
