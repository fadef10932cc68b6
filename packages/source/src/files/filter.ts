import { SourceError } from "../error.ts"
import type { Files } from "../files.ts"
import { segmentsOf } from "./path.ts"

/** Decides what to leave out: true drops the file, or the folder with all below it. */
export type Ignore = (path: string, isDirectory: boolean) => boolean

/**
 * `files` without what `ignore` drops: not listed, and `FileNotFound` when read.
 *
 * @example
 * const files = memoryFiles({ "README.md": "# Web", "deploy.yaml": "kind: Deployment" })
 * const yamlOnly = filterFiles(files, (path, isDirectory) => !isDirectory && !path.endsWith(".yaml"))
 * await yamlOnly.list("").then((entries) => entries.map(({ name }) => name))   // ["deploy.yaml"]
 */
export function filterFiles(files: Files, ignore: Ignore): Files {
  const checked = (path: string, isDirectory: boolean): string => {
    const names = segmentsOf(path)
    const dropped = names.some((_, i) => ignore(names.slice(0, i + 1).join("/"), isDirectory || i < names.length - 1))
    if (dropped) throw new SourceError("FileNotFound", `there is no '${path}'`)
    return names.join("/")
  }
  return {
    list: async (path) => {
      const folder = checked(path, true)
      const entries = await files.list(folder)
      const prefix = folder === "" ? "" : `${folder}/`
      return entries.filter(({ name, type }) => !ignore(prefix + name, type === "directory"))
    },
    read: async (path, options) => files.read(checked(path, false), options),
  }
}
