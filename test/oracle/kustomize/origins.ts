import { isDeepStrictEqual } from "node:util"
import { build } from "@gitops-toolkit/kustomize"
import type { Build, BuildOptions, Files } from "@gitops-toolkit/kustomize"

/** What is built: the arguments of `build`. */
export interface Built {
  readonly files: Files
  readonly path: string
  readonly options: BuildOptions
}

/** Builds again with origins of fields. Throws unless the objects are the same and every leaf has the place of its line. */
export async function checkOrigins({ files, path, options }: Built, before: Build): Promise<void> {
  const { objects, origins } = await build(files, path, { ...options, origins: "fields" })
  if (!isDeepStrictEqual(objects, before.objects)) throw new TypeError("origins of fields change the objects")
  for (const [index, object] of objects.entries()) {
    const { fields = {} } = origins[index]!
    const leaves = [...leavesOf(object)]
    const name = `${object.kind}/${object.metadata.name ?? ""}`
    if (leaves.toSorted().join("\n") !== Object.keys(fields).toSorted().join("\n"))
      throw new TypeError(`${name}: the leaves are not those that have origins`)
    for (const pointer of leaves) {
      const { line, transformer } = fields[pointer]!
      if (line === undefined && transformer !== "managedByLabel")
        throw new TypeError(`${name}${pointer}: no line, only ${JSON.stringify(fields[pointer])}`)
    }
  }
}

function* leavesOf(value: unknown, pointer = ""): Generator<string> {
  const entries = typeof value === "object" && value !== null ? Object.entries(value) : []
  if (entries.length === 0) yield pointer
  for (const [key, item] of entries)
    yield* leavesOf(item, `${pointer}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`)
}
