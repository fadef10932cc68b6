import { yamlError } from "../config/read.ts"
import { KustomizeError, fail } from "../error.ts"
import type { PatchEntry } from "../kustomization.ts"
import { loadFile, yamlText } from "../load/loader.ts"
import type { FileText, Loader } from "../load/loader.ts"
import type { BuildContext, Transformer } from "../accumulate/context.ts"
import { parseYamlDocuments } from "@gitops-toolkit/kube/manifest"
import { parseJson } from "@gitops-toolkit/kube"
import { readResources } from "../resource/read.ts"
import { formatId } from "../resource/resource-id.ts"
import type { ResourceId } from "../resource/resource-id.ts"
import { findByAnyId, remember, settleAnnotations } from "../resource/resource-map.ts"
import type { ResourceMap } from "../resource/resource-map.ts"
import { cloneResource, originalId } from "../resource/resource.ts"
import type { Resource } from "../resource/resource.ts"
import { compileSelector, selectResources } from "../resource/selector.ts"
import type { CompiledSelector } from "../resource/selector.ts"
import { mergePatch, mergePatchInto, patchJson } from "./apply.ts"
import { isJsonPatch } from "./json-patch.ts"
import type { JsonPatchOperation } from "./json-patch.ts"

/** What a patch transformer is made of. */
export interface PatchSetup {
  readonly loader: Loader
  readonly context: BuildContext
  /** The file that holds an inline patch. */
  readonly path: string
}

async function readPatch(file: string, { loader }: PatchSetup): Promise<FileText> {
  const { path, bytes } = await loadFile(loader, file)
  return { path, text: yamlText({ path, bytes }) }
}

/** Reads operations as kustomize does: JSON when the text begins with a bracket, else YAML 1.1. */
function readOperations({ text, path }: FileText): readonly JsonPatchOperation[] {
  const value = text.startsWith("[") ? parseJson(text, { path }) : firstValue(text, path)
  if (!isJsonPatch(value)) throw new KustomizeError("PatchFailed", `no JSON patch in ${path}`)
  return value ?? []
}

function firstValue(text: string, path: string): unknown {
  try {
    return parseYamlDocuments(text, { profile: "kubectl", path })[0]?.value ?? null
  } catch (error) {
    throw yamlError(error, text, path)
  }
}

type Attempt<Value> = { readonly value: Value } | { readonly error: unknown }

function attempt<Value>(read: () => Value): Attempt<Value> {
  try {
    return { value: read() }
  } catch (error) {
    if (!(error instanceof Error) || (error instanceof KustomizeError && error.code === "LimitExceeded")) throw error
    return { error }
  }
}

/** A patch of either language: strategic ones as resources, or the operations of a JSON patch. */
export type Patch = { readonly strategic: readonly Resource[] } | { readonly json: readonly JsonPatchOperation[] }

/** Finds out which language a patch is in. */
export function parsePatch(patch: FileText): Patch {
  const strategic = attempt(() => readResources(patch.text, { path: patch.path }))
  const json = attempt(() => (patch.text === "" ? fail("empty json patch operations") : readOperations(patch)))
  if ("value" in strategic) {
    if (strategic.value.length > 0 && "value" in json && json.value.length > 0) {
      throw new KustomizeError("PatchFailed", `illegally qualifies as both an SM and JSON patch: ${patch.path}`)
    }
    return { strategic: strategic.value }
  }
  if ("value" in json) return { json: json.value }
  throw bothFailed(patch, strategic.error, json.error)
}

function bothFailed({ path, text }: FileText, strategic: unknown, json: unknown): KustomizeError {
  // What looks like a list was meant as a JSON patch.
  const likely = (/^\s*(-|\[)/.test(text) ? json : strategic) as KustomizeError
  const reason = likely instanceof KustomizeError ? `: ${likely.rawMessage}` : ""
  const { at, frame } = likely instanceof KustomizeError ? likely : { at: undefined, frame: undefined }
  return new KustomizeError("PatchFailed", `unable to parse SM or JSON patch from ${path}${reason}`, {
    at: at ?? { path },
    ...(frame === undefined ? {} : { frame }),
    cause: likely,
  })
}

/** An entry of `patches`. */
export async function createPatchTransformer(entry: PatchEntry, setup: PatchSetup): Promise<Transformer> {
  const inline = entry.patch.trim()
  if (inline === "" && entry.path === "") fail("must specify one of patch and path")
  if (inline !== "" && entry.path !== "") fail("patch and path can't be set at the same time")
  const source = inline === "" ? await readPatch(entry.path, setup) : { text: inline, path: setup.path }
  const patch = parsePatch(source)
  const target = entry.target && (await compileSelector(entry.target))
  const name = "PatchTransformer"
  if ("json" in patch) {
    const json = { operations: patch.json, target, source, keepsName: true }
    return { name, patches: [source], apply: (map) => applyJson(map, json) }
  }
  const options = entry.options
  for (const resource of patch.strategic) {
    if (options?.allowNameChange === true) resource.allowNameChange = true
    if (options?.allowKindChange === true) resource.allowKindChange = true
  }
  if (patch.strategic.length > 0) await setup.context.openApi.load()
  const apply = (map: ResourceMap): void => {
    if (target === undefined) patchByIds(map, patch.strategic, setup)
    else patchSelected(map, { patches: patch.strategic, target, source }, setup)
  }
  return { name, patches: [source], apply: (map) => inFile(source, () => apply(map)) }
}

/** Runs `action`; an error without a place gets the patch's file. */
function inFile(source: FileText, action: () => void): void {
  try {
    action()
  } catch (error) {
    if (!(error instanceof KustomizeError) || error.at !== undefined) throw error
    throw new KustomizeError(error.code, `${error.rawMessage} (patch in ${source.path})`, {
      at: { path: source.path },
      cause: error,
    })
  }
}

interface SelectedPatch {
  readonly patches: readonly Resource[]
  readonly target: CompiledSelector
  readonly source: FileText
}

function patchSelected(map: ResourceMap, { patches, target, source }: SelectedPatch, setup: PatchSetup): void {
  if (patches.length === 0) return
  if (patches.length > 1) {
    fail(
      `Multiple Strategic-Merge Patches in one \`patches\` entry is not allowed to set \`patches.target\` field: ${source.path}`,
    )
  }
  mergePatchInto(map, selectResources(map, target), { resource: patches[0]!, schemas: setup.context.openApi.schemas })
}

function targetOf(map: ResourceMap, id: ResourceId): Resource {
  const [first, ...others] = findByAnyId(map, id)
  if (first !== undefined && others.length === 0) return first
  const count = first === undefined ? "no matches" : "multiple matches"
  throw new KustomizeError(
    "PatchFailed",
    `no resource matches strategic merge patch "${formatId(id)}": ${count} for Id ${formatId(id)}`,
  )
}

function patchByIds(map: ResourceMap, patches: readonly Resource[], { context }: PatchSetup): void {
  for (const patch of patches) {
    const resource = targetOf(map, originalId(patch))
    mergePatch(map, resource, { resource: cloneResource(patch), schemas: context.openApi.schemas })
  }
}

interface JsonPatchSetup {
  readonly operations: readonly JsonPatchOperation[]
  readonly target: CompiledSelector | undefined
  readonly source: FileText
  /** Whether references follow a change of the name. */
  readonly keepsName: boolean
}

function applyJson(map: ResourceMap, { operations, target, source, keepsName }: JsonPatchSetup): void {
  if (target === undefined) return fail(`must specify a target for JSON patch ${source.path}`)
  for (const resource of selectResources(map, target)) {
    if (keepsName) remember(map, resource)
    settleAnnotations(map)
    inFile(source, () => patchJson(resource, operations))
  }
}

/** An entry of the old field `patchesJson6902`. */
export async function createJson6902Transformer(entry: PatchEntry, setup: PatchSetup): Promise<Transformer> {
  if (entry.target === undefined || entry.target.name === "") return fail("must specify the target name")
  if (entry.path === "" && entry.patch === "") return fail("empty file path and empty jsonOp")
  if (entry.path !== "" && entry.patch !== "") return fail("must specify a file path or jsonOp, not both")
  const source = entry.patch === "" ? await readPatch(entry.path, setup) : { text: entry.patch, path: setup.path }
  if (source.text === "") return fail(`patch file '${source.path}' seems to be empty`)
  const operations = readOperations(source)
  if (operations.length === 0) return fail(`patch appears to be empty; file=${source.path}`)
  const target = await compileSelector(entry.target)
  return {
    name: "PatchJson6902Transformer",
    patches: [source],
    apply: (map) => applyJson(map, { operations, target, source, keepsName: false }),
  }
}

/** The old field `patchesStrategicMerge`: files or inline patches. */
export async function createStrategicTransformer(
  config: { readonly paths: readonly string[]; readonly patches: string },
  setup: PatchSetup,
): Promise<Transformer> {
  const { paths, patches: inline } = config
  if (paths.length === 0 && inline === "") return fail("empty file path and empty patch content")
  const patches: Resource[] = []
  const sources: FileText[] = []
  for (const path of paths) {
    const parsed = attempt(() => readResources(path, { path: setup.path }))
    const source = "value" in parsed ? { text: path, path: setup.path } : await readPatch(path, setup)
    patches.push(...("value" in parsed ? parsed.value : readResources(source.text, source)))
    sources.push(source)
  }
  if (inline !== "") {
    patches.push(...readResources(inline, { path: setup.path }))
    sources.push({ text: inline, path: setup.path })
  }
  if (patches.length === 0) return fail(`patch appears to be empty; files=${paths.join(", ")}`)
  const { openApi } = setup.context
  await openApi.load()
  const apply = (map: ResourceMap): void => {
    for (const patch of patches) {
      mergePatchInto(map, [targetOf(map, originalId(patch))], { resource: patch, schemas: openApi.schemas })
    }
  }
  return { name: "PatchStrategicMergeTransformer", patches: sources, apply }
}
