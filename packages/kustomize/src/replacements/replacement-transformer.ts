import { readConfig } from "../config/read.ts"
import { listOf } from "../config/decode.ts"
import { fail } from "../error.ts"
import { replacement } from "../kustomization.ts"
import type { Replacement } from "../kustomization.ts"
import { loadFile, yamlText } from "../load/loader.ts"
import type { Transformer } from "../accumulate/context.ts"
import type { PatchSetup } from "../patches/patch-transformers.ts"
import { compileReplacement, applyReplacement } from "./replacement.ts"

/** The field `replacements`: inline entries and files. */
export async function createReplacementTransformer(
  entries: readonly (Replacement & { readonly path: string })[],
  setup: PatchSetup,
): Promise<Transformer> {
  const replacements: Replacement[] = []
  for (const entry of entries) {
    if (entry.path === "") {
      replacements.push(entry)
      continue
    }
    if (entry.source !== undefined || (entry.targets ?? []).length > 0)
      fail("cannot specify both path and inline replacement")
    replacements.push(...(await readReplacements(entry.path, setup)))
  }
  return {
    name: "ReplacementTransformer",
    async apply(map) {
      for (const entry of replacements) applyReplacement(map, await compileReplacement(entry))
    },
  }
}

async function readReplacements(file: string, { loader }: PatchSetup): Promise<readonly Replacement[]> {
  const { path, bytes } = await loadFile(loader, file)
  const document = readConfig(yamlText({ path, bytes }), path)
  const { value } = document
  if (Array.isArray(value)) return document.decode(listOf(replacement), { strict: false })
  if (typeof value === "object" && value !== null) return [document.decode(replacement, { strict: false })]
  return fail(`unsupported replacement type encountered within replacement path: ${path}`)
}
