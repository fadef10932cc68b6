import type { KubeObject } from "@gitops-toolkit/kube"
import { accumulateTarget, accumulateTop } from "./accumulate/accumulate.ts"
import { createTarget, hasKustomization, loadTarget, useOpenApi } from "./accumulate/target.ts"
import type { Target } from "./accumulate/context.ts"
import { createAccumulator } from "./accumulate/accumulator.ts"
import type { BuildContext, Functions, Memory, ResolveBase } from "./accumulate/context.ts"
import { createMemory } from "./accumulate/memory.ts"
import { finishResources } from "./accumulate/finish.ts"
import type { Finished } from "./accumulate/finish.ts"
import { runStage } from "./accumulate/origins.ts"
import { resolveVars } from "./accumulate/vars.ts"
import type { Files } from "./files.ts"
import type { Origin } from "./origin.ts"
import { listResources } from "./accumulate/plain-folder.ts"
import { addHashes } from "./generators/hash.ts"
import { createBudget } from "./limits.ts"
import type { Limits } from "./limits.ts"
import { createLoader } from "./load/loader.ts"
import type { Loader } from "./load/loader.ts"
import { createFileTree } from "./load/tree.ts"
import { layOver } from "./accumulate/overlay.ts"
import type { Overlay } from "./accumulate/overlay.ts"
import { createOpenApi } from "./resource/open-api.ts"
import { settleAnnotations } from "./resource/resource-map.ts"
import { fixNameReferences } from "./transformers/name-reference.ts"

/** Options of a build. */
export interface BuildOptions {
  readonly signal?: AbortSignal | undefined
  readonly limits?: Limits
  /** Supplies remote bases as files; without it they are an error. Nothing opens a socket by itself. */
  readonly resolve?: ResolveBase
  /** KRM functions that make objects, by the kind (or apiVersion/kind) of their configuration. */
  readonly generators?: Functions["generators"]
  /** KRM functions that change objects, by the kind (or apiVersion/kind) of their configuration. */
  readonly transformers?: Functions["transformers"]
  /** `rootOnly` (default): a kustomization reads only files in or below its folder. `none`: any of the files. */
  readonly loadRestrictions?: "rootOnly" | "none"
  /** The order where the kustomization has no `sortOptions`: kustomize's `legacy` (default), or `none`. */
  readonly order?: "legacy" | "none"
  /** Adds the label `app.kubernetes.io/managed-by: kustomize-v5.8.2`; default false. */
  readonly managedByLabel?: boolean
  /** What is laid over the kustomization that is built: patches, images, a namespace and more. */
  readonly overlay?: Overlay
  /** A folder without a kustomization is built as if it had one that lists its manifests, as with Flux; default false. */
  readonly plainFolders?: boolean
  /** `objects` (default): where every object comes from. `fields`: where every field does, too; that takes longer. */
  readonly origins?: "objects" | "fields"
}

/** What a build results in. `origins` runs parallel to `objects`. */
export interface Build {
  readonly objects: readonly KubeObject[]
  readonly origins: readonly Origin[]
  /** What kustomize writes on stderr: deprecations, and vars that nobody uses. */
  readonly warnings: readonly string[]
}

async function createContext(options: BuildOptions, memory?: Memory): Promise<BuildContext> {
  const tracing = options.origins === "fields" ? await import("./origins/tracer.ts") : undefined
  return {
    tracer: tracing?.createTracer(),
    openApi: createOpenApi(),
    budget: createBudget(options.limits),
    signal: options.signal,
    resolve: options.resolve,
    functions: { generators: options.generators ?? {}, transformers: options.transformers ?? {} },
    warnings: [],
    gather: accumulateTarget,
    memory,
    outsideInputs: 0,
    notesOrigins: false,
  }
}

async function accumulate(target: Target, options: BuildOptions): Promise<Build> {
  const { context, kustomization } = target
  const accumulator = createAccumulator(context)
  await accumulateTop(target, accumulator)
  const { map, config, vars } = accumulator
  const at = { map, context }
  await runStage(at, { by: "hash" }, () => addHashes(map))
  await runStage(at, { by: "nameReference" }, () => fixNameReferences(map, config.nameReference))
  if (vars.size > 0) settleAnnotations(map)
  const unused = await runStage(at, { by: "vars" }, () => resolveVars(map, vars, config.varReference))
  if (unused.length > 0) context.warnings.push(`well-defined vars that were never replaced: ${unused.join(",")}`)
  const commonMetadata = options.overlay?.commonMetadata
  const finish = (): Finished[] =>
    finishResources(map, {
      kustomization,
      commonMetadata,
      order: options.order ?? "legacy",
      managedByLabel: options.managedByLabel === true,
      freezes: context.memory !== undefined,
    })
  const resources = await runStage(at, { by: "finish", target, commonMetadata }, finish)
  return {
    objects: resources.map(({ object }) => object),
    origins: resources.map(({ object, resource, origin }) =>
      context.tracer === undefined ? origin : { ...origin, ...context.tracer.fieldsOf(object, resource) },
    ),
    warnings: context.warnings,
  }
}

/**
 * Builds the kustomization in the folder `path` of `files`, as `kustomize build` 5.8.2 does: `printBuild` of the
 * result has the same bytes. Reads nothing but `files`, runs no program, opens no socket, keeps no state; any number
 * of builds may run at once.
 *
 * Throws `KustomizeError` for what kustomize refuses, with file, line and column where there is one, and
 * `LimitExceeded` beyond `limits`.
 *
 * @example
 * const { objects } = await build(memoryFiles({ "kustomization.yaml": "resources: [cm.yaml]", "cm.yaml": configMap }), "")
 */
export function build(files: Files, path: string, options: BuildOptions = {}): Promise<Build> {
  return buildWith(undefined, { files, path }, options)
}

async function buildWith(
  memory: Memory | undefined,
  { files, path }: { readonly files: Files; readonly path: string },
  options: BuildOptions,
): Promise<Build> {
  const context = await createContext(options, memory)
  const tree = createFileTree(files, context.budget, context.signal)
  const unrestricted = options.loadRestrictions === "none"
  const loader = await createLoader(tree, path, { budget: context.budget, unrestricted })
  const target = await loadTop({ files, loader, context }, options)
  context.notesOrigins = target.kustomization.buildMetadata.length > 0
  await useOpenApi(target, true)
  return accumulate(target, options)
}

interface Top {
  readonly files: Files
  readonly loader: Loader
  readonly context: BuildContext
}

/** The kustomization that is built, with what the options change about it. */
async function loadTop({ files, loader, context }: Top, options: BuildOptions): Promise<Target> {
  const generates = options.plainFolders === true && !(await hasKustomization(loader))
  const target = generates
    ? createTarget(loader, context, { resources: await listResources(files, loader.root, context.budget.limits) })
    : await loadTarget(loader, context, "")
  if (options.overlay === undefined) return target
  return { ...target, kustomization: await layOver(target.kustomization, options.overlay, loader) }
}

/** A builder with a memory. */
export interface Builder {
  /** As the function `build`. */
  readonly build: typeof build
}

/** Options of `createBuilder`. */
export interface BuilderOptions {
  /** How much the builder may remember, in bytes of files; default 64 MiB. */
  readonly cacheBytes?: number
}

const defaultCacheBytes = 64 * 1024 * 1024

/**
 * A builder that remembers files and bases by content, so that what many overlays share is read and built once, and a
 * change costs only what depends on it. Its results equal those of `build`, but are frozen, since builds share what they
 * have in common: `structuredClone` makes one that can be changed.
 *
 * @example
 * const builder = createBuilder()
 * for (const overlay of overlays) await builder.build(files, overlay)
 */
export function createBuilder({ cacheBytes = defaultCacheBytes }: BuilderOptions = {}): Builder {
  const memory = createMemory(cacheBytes)
  return { build: (files, path, options) => buildWith(memory, { files, path }, options ?? {}) }
}
