import { readConfig } from "../config/read.ts"
import { KustomizeError, fail } from "../error.ts"
import { checkKustomization, readKustomization } from "../kustomization.ts"
import type { KustomizationFile } from "../kustomization.ts"
import { loadFile, locateFile, shown, yamlText } from "../load/loader.ts"
import type { Loader } from "../load/loader.ts"
import type { Node } from "../node/node.ts"
import type { BuildContext, Target } from "./context.ts"

const fileNames = ["kustomization.yaml", "kustomization.yml", "Kustomization"]

/** True when the folder has a kustomization file. */
export async function hasKustomization(loader: Loader): Promise<boolean> {
  for (const name of fileNames) if ((await locateFile(loader, name)) !== undefined) return true
  return false
}

/** A kustomization that no file holds. */
export function createTarget(
  loader: Loader,
  context: BuildContext,
  fields: { readonly resources: readonly string[] },
): Target {
  const text = JSON.stringify(fields)
  const path = `${shown(loader.root)} (generated)`
  const file = readKustomization(text, path)
  const bytes = new TextEncoder().encode(text)
  return { context, loader, file, kustomization: file.kustomization, path, bytes, text, notedPath: "" }
}

/** Reads the kustomization file of a folder. */
export async function loadTarget(loader: Loader, context: BuildContext, notedPath: string): Promise<Target> {
  const found: string[] = []
  for (const name of fileNames) if ((await locateFile(loader, name)) !== undefined) found.push(name)
  const [name, ...others] = found
  const folder = shown(loader.root)
  if (name === undefined) {
    const names = "'kustomization.yaml', 'kustomization.yml' or 'Kustomization'"
    throw new KustomizeError("FileNotFound", `unable to find one of ${names} in directory '${folder}'`, {
      at: { path: folder },
    })
  }
  if (others.length > 0) fail(`Found multiple kustomization files under: ${folder}`)
  const { path, bytes } = await loadFile(loader, name)
  const text = yamlText({ path, bytes })
  const read = (): KustomizationFile => readKustomization(text, path)
  const file = context.memory === undefined ? read() : context.memory.readKustomization(path, bytes, read)
  warn(file, context)
  checkKustomization(file, path)
  return { context, loader, file, kustomization: file.kustomization, path, bytes, text, notedPath }
}

const advice = "Run 'kustomize edit fix' to update your Kustomization automatically."
const deprecated: readonly (readonly [string, string, string])[] = [
  ["bases", "resources", advice],
  ["commonLabels", "labels", advice],
  ["imageTags", "images", advice],
  ["patchesJson6902", "patches", advice],
  ["patchesStrategicMerge", "patches", advice],
  ["vars", "replacements", `[EXPERIMENTAL] ${advice}`],
]

function warn({ fields }: KustomizationFile, { warnings }: BuildContext): void {
  for (const [old, better, what] of deprecated) {
    if (fields.has(old)) warnings.push(`# Warning: '${old}' is deprecated. Please use '${better}' instead. ${what}`)
  }
}

/** Reads what `openapi` names and takes it over. */
export async function useOpenApi({ loader, kustomization, context }: Target, replace: boolean): Promise<void> {
  const path = kustomization.openapi["path"]
  let document: Node | undefined
  if (path !== undefined) {
    const loaded = await loadFile(loader, path)
    context.outsideInputs++
    document = readConfig(yamlText(loaded), loaded.path).value as Node
  }
  context.openApi.use(kustomization.openapi, document, replace)
  await context.openApi.load()
}

/** Runs `action`; an error without a place gets that of the field in the kustomization file. */
export async function inFile<Value>(
  { file, path }: Target,
  place: readonly (string | number)[],
  action: () => Promise<Value>,
): Promise<Value> {
  try {
    return await action()
  } catch (error) {
    if (!(error instanceof KustomizeError) || error.at !== undefined) throw error
    const at = file.document.positionOf(place)
    throw new KustomizeError(error.code, `${path}: ${error.rawMessage}`, { at, cause: error })
  }
}
