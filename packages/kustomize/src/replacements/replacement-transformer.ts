import { readConfig } from "../config/read.ts"
import { listOf } from "../config/decode.ts"
import { fail } from "../error.ts"
import { replacement } from "../kustomization.ts"
import type { Replacement } from "../kustomization.ts"
import { loadFile, yamlText } from "../load/loader.ts"
import type { FileText } from "../load/loader.ts"
import type { Part, Transformer } from "../accumulate/context.ts"
import type { PatchSetup } from "../patches/patch-transformers.ts"
import { compileReplacement, applyReplacement } from "./replacement.ts"

/** The field `replacements`: inline entries and files. */
export async function createReplacementTransformer(
  entries: readonly (Replacement & { readonly path: string })[],
  setup: PatchSetup,
): Promise<Transformer> {
  const replacements: { readonly entry: Replacement; readonly part: Part }[] = []
  for (const [index, entry] of entries.entries()) {
    const field = ["replacements", index]
    if (entry.path === "") {
      replacements.push({ entry, part: { field } })
      continue
    }
    if (entry.source !== undefined || (entry.targets ?? []).length > 0)
      fail("cannot specify both path and inline replacement")
    const file = await readYaml(entry.path, setup)
    for (const { entry: inner, way } of readReplacements(file)) {
      replacements.push({ entry: inner, part: { field, file, way } })
    }
  }
  return {
    name: "ReplacementTransformer",
    async apply(map, onPart) {
      for (const { entry, part } of replacements) {
        applyReplacement(map, await compileReplacement(entry))
        onPart?.(part)
      }
    },
  }
}

async function readYaml(name: string, { loader }: PatchSetup): Promise<FileText> {
  const file = await loadFile(loader, name)
  return { path: file.path, text: yamlText(file) }
}

/** An entry of a file, and the way to it. */
interface FileEntry {
  readonly entry: Replacement
  readonly way: readonly number[]
}

function readReplacements({ path, text }: FileText): readonly FileEntry[] {
  const document = readConfig(text, path)
  const { value } = document
  const options = { strict: false }
  if (Array.isArray(value))
    return document.decode(listOf(replacement), options).map((entry, index) => ({ entry, way: [index] }))
  if (typeof value === "object" && value !== null) return [{ entry: document.decode(replacement, options), way: [] }]
  return fail(`unsupported replacement type encountered within replacement path: ${path}`)
}
