import { frameOf } from "../diagnostic.ts"
import { KustomizeError } from "../error.ts"
import type { KustomizeErrorCode } from "../error.ts"
import { spendFolder } from "../limits.ts"
import type { Budget } from "../limits.ts"
import { cleanPath } from "./tree.ts"
import type { FileTree } from "./tree.ts"

/** The folder of one kustomization, and what it may read. */
export interface Loader {
  /** The folder, without links. */
  readonly root: string
  readonly tree: FileTree
  readonly budget: Budget
  /** True: files may lie anywhere below the root of the files. */
  readonly unrestricted: boolean
  readonly parent: Loader | undefined
  readonly depth: number
}

/** A text and the file that it is from, or in. */
export interface FileText {
  readonly path: string
  readonly text: string
}

/** A file that was read. */
export interface LoadedFile {
  readonly path: string
  readonly bytes: Uint8Array
}

const refuse = (code: KustomizeErrorCode, message: string): never => {
  throw new KustomizeError(code, message)
}

/** The loader of the folder that is built. */
export async function createLoader(
  tree: FileTree,
  path: string,
  options: { readonly budget: Budget; readonly unrestricted: boolean },
): Promise<Loader> {
  const located = await tree.locate(path)
  if (located === undefined) return refuse("FileNotFound", `must build at directory: '${path}' does not exist`)
  if (located.type === "file") return refuse("BuildFailed", `must build at directory: '${path}': file is not directory`)
  return { root: located.path, tree, ...options, parent: undefined, depth: 1 }
}

/** True when `path` is `folder` or lies below it. */
export function isBelow(path: string, folder: string): boolean {
  return folder === "" || path === folder || path.startsWith(`${folder}/`)
}

const joinPaths = (folder: string, path: string): string => (folder === "" ? path : `${folder}/${path}`)

/** A path for people: that of the root itself is `.`. */
export const shown = (path: string): string => (path === "" ? "." : path)

const isAmbiguous = (path: string): boolean =>
  path.split("/").some((part) => part !== "" && part !== "." && part !== ".." && part.includes(".."))

/** Where a file is that a kustomization names; absent when there is no such file. Throws when it may not be read. */
export async function locateFile(loader: Loader, path: string): Promise<string | undefined> {
  if (path.startsWith("/"))
    return refuse("OutsideRoot", `security; file '${path}' is not in or below '${shown(loader.root)}'`)
  const located = await loader.tree.locate(joinPaths(loader.root, path))
  if (located === undefined || located.type === "directory") return undefined
  if (
    !loader.unrestricted &&
    !isBelow(located.path.slice(0, Math.max(0, located.path.lastIndexOf("/"))), loader.root)
  ) {
    return refuse("OutsideRoot", `security; file '${path}' is not in or below '${shown(loader.root)}'`)
  }
  return located.path
}

/** Reads a file that a kustomization names. */
export async function loadFile(loader: Loader, path: string): Promise<LoadedFile> {
  const file = await locateFile(loader, path)
  if (file === undefined) return refuse("FileNotFound", `file '${path}' does not exist in '${shown(loader.root)}'`)
  return { path: file, bytes: await loader.tree.read(file) }
}

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true })
const strictUtf8 = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true })

/** Bytes as text; what is no UTF-8 becomes the replacement character. */
export function textOfBytes(bytes: Uint8Array): string {
  return utf8.decode(bytes)
}

/** The text of a YAML file. Throws for what is no UTF-8. */
export function yamlText({ bytes, path }: LoadedFile): string {
  try {
    return strictUtf8.decode(bytes)
  } catch (error) {
    throw new KustomizeError("InvalidYaml", `yaml: invalid UTF-8 in file ${path}`, { at: { path }, cause: error })
  }
}

/** The loader of a folder that a kustomization names. Throws for a missing one, for a file, and for cycles. */
export async function enterFolder(loader: Loader, path: string): Promise<Loader> {
  if (path === "") return refuse("BuildFailed", "new root cannot be empty")
  if (path.startsWith("/")) return refuse("BuildFailed", `new root '${path}' cannot be absolute`)
  if (isAmbiguous(path)) {
    const meant = cleanPath(path) ?? path
    const advice = `resolves to "${meant}" after normalization; check for YAML indentation errors in your kustomization file`
    return refuse("BuildFailed", `path "${path}" is ambiguous: ${advice}`)
  }
  const located = await loader.tree.locate(joinPaths(loader.root, path))
  if (located === undefined) return refuse("FileNotFound", `'${path}' does not exist in '${shown(loader.root)}'`)
  if (located.type === "file") return refuse("BuildFailed", `must build at directory: '${path}': file is not directory`)
  for (let visited: Loader | undefined = loader; visited !== undefined; visited = visited.parent) {
    if (isBelow(visited.root, located.path)) {
      const message = `cycle detected: candidate root '${shown(located.path)}' contains visited root '${shown(visited.root)}'`
      return refuse("CycleDetected", message)
    }
  }
  spendFolder(loader.budget, loader.depth + 1)
  return { ...loader, root: located.path, parent: loader, depth: loader.depth + 1 }
}

/** The same error with the place in a file where it arose, unless it has one. */
export function placeError(
  error: unknown,
  at: { path: string; line?: number; column?: number },
  text?: string,
): unknown {
  if (!(error instanceof KustomizeError) || error.at !== undefined) return error
  const frame = text === undefined || at.line === undefined ? {} : { frame: frameOf(text, at.line, at.column) }
  return new KustomizeError(error.code, error.rawMessage, { at, ...frame, cause: error })
}
