import type { Files } from "../files.ts"
import { plantTree, treeFiles, type TreeContent } from "./tree.ts"

/** The content of one file of `memoryFiles`. */
export type MemoryFile = TreeContent

/**
 * Files in memory, by path. Folders arise from the paths. Throws `InvalidPath` for names that no file system allows.
 *
 * @example
 * const files = memoryFiles({ "deploy/kustomization.yaml": "resources: [cm.yaml]", "deploy/cm.yaml": "kind: ConfigMap" })
 * await files.list("deploy").then((entries) => entries.map(({ name }) => name))   // ["cm.yaml", "kustomization.yaml"]
 */
export function memoryFiles(record: { readonly [path: string]: MemoryFile }): Files {
  return treeFiles(plantTree(Object.entries(record)))
}
