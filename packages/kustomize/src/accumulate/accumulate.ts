import { readConfigurations } from "../config/configurations.ts"
import { readCrds } from "../config/crds.ts"
import { partsOf } from "../config/field-spec.ts"
import { defaultConfig, mergeConfigs } from "../config/transformer-config.ts"
import { KustomizeError, fail } from "../error.ts"
import { generateObject, mergeOptions } from "../generators/data-object.ts"
import { readKeyValues } from "../generators/key-values.ts"
import type { KeyPlace } from "../generators/key-values.ts"
import type { GeneratorEntry } from "../kustomization.ts"
import { enterFolder, shown } from "../load/loader.ts"
import { dropGone, forgetIds, settleAnnotations } from "../resource/resource-map.ts"
import type { Resource, Source } from "../resource/resource.ts"
import { createAbsorb } from "./absorb.ts"
import { addVar } from "./accumulator.ts"
import type { Accumulator } from "./context.ts"
import { createBuiltinTransformers } from "./builtin-transformers.ts"
import type { Part, Stage, Transformer } from "./context.ts"
import { noteTransformation, originOf, runStage } from "./origins.ts"
import { createPluginGenerators, createPluginTransformers, runValidators } from "./plugins.ts"
import { accumulateResources } from "./resources.ts"
import { inFile, loadTarget, useOpenApi } from "./target.ts"
import type { Target } from "./context.ts"
import { bindVars } from "./vars.ts"

/** As `accumulateTop`, for a base or a component: whoever includes it may look at whole objects. */
export async function accumulateTarget(target: Target, accumulator: Accumulator): Promise<void> {
  await accumulateTop(target, accumulator)
  settleAnnotations(accumulator.map)
}

/** Gathers a kustomization: resources, generators and components first, then transformers, validators and vars. */
export async function accumulateTop(target: Target, accumulator: Accumulator): Promise<void> {
  const { kustomization, loader, context } = target
  await inFile(target, ["resources"], () => accumulateResources(target, accumulator, kustomization.resources))
  const configured = await readConfigurations(loader, kustomization.configurations)
  accumulator.config = mergeConfigs(accumulator.config, mergeConfigs(defaultConfig, configured))
  accumulator.config = mergeConfigs(accumulator.config, await readCrds(loader, kustomization.crds))
  await runGenerators(target, accumulator)
  for (const [index, path] of kustomization.components.entries()) {
    await inFile(target, ["components", index], () => accumulateComponent(target, accumulator, path))
  }
  await runTransformers(target, accumulator)
  if (kustomization.validators.length > 0) settleAnnotations(accumulator.map)
  await runValidators(target, accumulator)
  for (const variable of kustomization.vars) {
    bindVars(accumulator.map, variable)
    addVar(accumulator, variable)
  }
  context.signal?.throwIfAborted()
}

async function accumulateComponent(target: Target, accumulator: Accumulator, path: string): Promise<void> {
  const { context } = target
  const loader = await enterFolder(target.loader, path)
  const component = await loadTarget(loader, context, originOf(target, path))
  await useOpenApi(component, false)
  if (component.kustomization.kind !== "Component") {
    fail(`expected kind 'Component' for path '${shown(loader.root)}' but got '${component.kustomization.kind}'`)
  }
  await accumulateTarget(component, accumulator)
}

async function runGenerators(target: Target, accumulator: Accumulator): Promise<void> {
  const { kustomization, loader, context } = target
  const absorb = createAbsorb(accumulator.map, context.tracer)
  const generated: Resource[] = []
  const generate = async (kind: "ConfigMap" | "Secret", entries: readonly GeneratorEntry[]): Promise<void> => {
    for (const [index, entry] of entries.entries()) {
      const field = kind === "ConfigMap" ? "configMapGenerator" : "secretGenerator"
      await inFile(target, [field, index], async () => {
        const options = mergeOptions(entry.options, kustomization.generatorOptions)
        const keys = new Map<string, KeyPlace>()
        const data = await readKeyValues(loader, entry, context.tracer && ((key, place) => keys.set(key, place)))
        const object = generateObject(kind, { ...entry, options }, data)
        object.source = lazySource(target, [field, index])
        context.tracer?.generate(object, { target, field: [field, index], keys })
        noteGenerator(target, object, `${kind}Generator`)
        generated.push(object)
      })
    }
  }
  await generate("ConfigMap", kustomization.configMapGenerator)
  await generate("Secret", kustomization.secretGenerator)
  if (kustomization.helmCharts.length > 0) {
    throw new KustomizeError("NotSupported", "must specify --enable-helm: Helm charts are not rendered here", {
      at: target.file.document.positionOf(["helmCharts"]),
    })
  }
  for (const object of generated) await inFile(target, [], async () => absorb(object))
  for (const generator of await createPluginGenerators(target)) {
    for (const object of await generator()) absorb(object)
  }
}

/** The place of a field; its line is looked up when somebody asks, since that means reading the file again. */
function lazySource({ file, path }: Target, place: readonly (string | number)[]): Source {
  return {
    path,
    get line() {
      return file.document.positionOf(place).line
    },
  }
}

function noteGenerator(target: Target, object: Resource, kind: string): void {
  if (target.context.notesOrigins) noteTransformation([object], builtinOrigin(target, kind))
}

const builtinOrigin = (target: Target, kind: string): NonNullable<Resource["origin"]> => ({
  configuredIn: originOf(target, target.path.slice(target.path.lastIndexOf("/") + 1)),
  configuredBy: { apiVersion: "builtin", kind },
})

function mayLookAtAnnotations({ fieldSpecs }: Transformer): boolean {
  if (fieldSpecs === undefined) return true
  return fieldSpecs.some(({ path }) =>
    partsOf(path)
      .slice(0, 2)
      .every(({ name }, i) => annotationsPath[i] === name.trim()),
  )
}

const annotationsPath = ["metadata", "annotations"]

async function runTransformers(target: Target, accumulator: Accumulator): Promise<void> {
  const { kustomization, loader, context, path } = target
  const setup = { loader, context, path }
  const builtin = await inFile(target, [], () => createBuiltinTransformers(kustomization, accumulator.config, setup))
  const plugins = await createPluginTransformers(target, kustomization.transformers)
  const { map } = accumulator
  const run = async (
    stage: Stage & { readonly transformer: Transformer },
    origin: Resource["origin"],
  ): Promise<void> => {
    const apply = (onPart?: (part: Part) => void): void | Promise<void> => stage.transformer.apply(map, onPart)
    if (mayLookAtAnnotations(stage.transformer)) settleAnnotations(map)
    await inFile(target, [], async () => runStage({ map, context }, stage, apply))
    if (context.notesOrigins && origin !== undefined) noteTransformation(accumulator.map.resources, origin)
    if (stage.transformer.fieldSpecs === undefined) dropGone(accumulator.map)
    forgetIds(accumulator.map)
  }
  for (const transformer of builtin) {
    await run({ by: "field", target, transformer }, builtinOrigin(target, transformer.name))
  }
  for (const { transformer, config, origin } of plugins) await run({ by: "plugin", transformer, config }, origin)
}
