import { KustomizeError, fail } from "../error.ts"
import { createFileTree } from "../load/tree.ts"
import { enterFolder, locateFile, placeError, shown, yamlText } from "../load/loader.ts"
import type { Loader } from "../load/loader.ts"
import { isRemote } from "../load/remote.ts"
import { checkObjects } from "../limits.ts"
import { readResources } from "../resource/read.ts"
import { joinRepeatedAnnotations } from "../resource/repeated-annotations.ts"
import { appendResources } from "../resource/resource-map.ts"
import type { Resource } from "../resource/resource.ts"
import { createAccumulator, mergeAccumulators } from "./accumulator.ts"
import type { Accumulator } from "./context.ts"
import { noteTransformation, originOf } from "./origins.ts"
import { loadTarget, useOpenApi } from "./target.ts"
import type { Target } from "./context.ts"

/** Gathers files and folders in order. What is no file is taken for a folder, and what is neither for a remote base. */
export async function accumulateResources(
  target: Target,
  accumulator: Accumulator,
  paths: readonly string[],
): Promise<void> {
  for (const [index, path] of paths.entries()) {
    target.context.signal?.throwIfAborted()
    try {
      await accumulate(target, accumulator, path)
    } catch (error) {
      throw placeError(error, target.file.document.positionOf(["resources", index]), target.text)
    }
  }
}

async function accumulate(target: Target, accumulator: Accumulator, path: string): Promise<void> {
  if (path === "") fail("accumulating resources: a path is empty")
  const { loader } = target
  const file = path.includes("://") ? undefined : await locateFile(loader, path)
  if (file !== undefined) return accumulateFile(target, accumulator, { path, file, loader })
  if (isRemote(path)) return accumulateRemote(target, accumulator, path)
  await accumulateFolder(target, accumulator, { path, loader: await enterFolder(loader, path) })
}

async function accumulateFolder(
  target: Target,
  accumulator: Accumulator,
  entry: { readonly path: string; readonly loader: Loader },
): Promise<void> {
  const { context } = target
  const base = await loadTarget(entry.loader, context, originOf(target, entry.path))
  await useOpenApi(base, false)
  if (base.kustomization.kind === "Component")
    fail(`expected kind != 'Component' for path '${shown(entry.loader.root)}'`)
  const gathered = createAccumulator(context)
  if (context.memory === undefined) await context.gather(base, gathered)
  else await context.memory.gatherBase(base, gathered, context.gather)
  mergeAccumulators(accumulator, gathered, context)
}

interface FileEntry {
  readonly path: string
  readonly file: string
  readonly loader: Loader
}

async function accumulateFile(
  target: Target,
  accumulator: Accumulator,
  { path, file, loader }: FileEntry,
): Promise<void> {
  const { context } = target
  const bytes = await loader.tree.read(file)
  const { aliasNodes, fileBytes } = context.budget.limits
  const read = (): Resource[] => {
    const limits = { aliasNodes, characters: fileBytes }
    const resources = readResources(yamlText({ path: file, bytes }), { path: file, limits })
    for (const resource of resources) joinRepeatedAnnotations(resource)
    return resources
  }
  const resources = context.memory === undefined ? read() : context.memory.readFile(file, bytes, read)
  context.tracer?.read(resources, { path: file, text: yamlText({ path: file, bytes }) })
  if (context.notesOrigins) noteTransformation(resources, { path: originOf(target, path) })
  appendResources(accumulator.map, resources)
  checkObjects(context.budget, accumulator.map.resources.length)
}

async function accumulateRemote(target: Target, accumulator: Accumulator, url: string): Promise<void> {
  const { context, loader } = target
  context.outsideInputs++
  const resolved = await context.resolve?.(url, { signal: context.signal })
  if (resolved === undefined) {
    const how =
      context.resolve === undefined ? "the option `resolve` supplies such bases" : "`resolve` does not know it"
    throw new KustomizeError("NotSupported", `remote base '${url}' is not fetched here: ${how}`)
  }
  const tree = createFileTree(resolved.files, context.budget, context.signal)
  const located = await tree.locate(resolved.path ?? "")
  if (located === undefined) fail(`'${resolved.path}' does not exist in remote base '${url}'`)
  const remote: Loader = { ...loader, root: "", tree, unrestricted: false, parent: undefined, depth: loader.depth + 1 }
  if (located.type === "file")
    return accumulateFile(target, accumulator, { path: url, file: located.path, loader: remote })
  await accumulateFolder(target, accumulator, { path: url, loader: { ...remote, root: located.path } })
}
