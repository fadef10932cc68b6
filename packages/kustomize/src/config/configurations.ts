import { KustomizeError } from "../error.ts"
import { fieldSpec } from "../kustomization.ts"
import { loadFile, yamlText } from "../load/loader.ts"
import type { Loader } from "../load/loader.ts"
import { exact, listOf, struct, text } from "./decode.ts"
import type { Decoder } from "./decode.ts"
import type { FieldSpec } from "./field-spec.ts"
import { readConfig } from "./read.ts"
import { emptyConfig, fieldSpecTables, mergeConfigs, sortConfig } from "./transformer-config.ts"
import type { NameReference, TransformerConfig } from "./transformer-config.ts"

const specs: Decoder<readonly FieldSpec[]> = listOf(fieldSpec)
const references: Decoder<readonly NameReference[]> = listOf(
  struct<NameReference>({ group: exact(text), version: exact(text), kind: exact(text), fieldSpecs: specs }),
)
const config = struct({
  ...Object.fromEntries(fieldSpecTables.map((table) => [table, specs])),
  nameReference: references,
}) as unknown as Decoder<TransformerConfig>

/** Reads the files of `configurations`: further entries of the tables. */
export async function readConfigurations(loader: Loader, paths: readonly string[]): Promise<TransformerConfig> {
  let result = emptyConfig
  for (const path of paths) {
    const loaded = await loadFile(loader, path)
    const document = readConfig(yamlText(loaded), loaded.path, { unique: true })
    if (typeof document.value !== "object" && document.value !== undefined) {
      throw new KustomizeError("InvalidKustomization", `${loaded.path} holds no configuration`, {
        at: { path: loaded.path },
      })
    }
    result = mergeConfigs(result, sortConfig(document.decode(config, { strict: true })))
  }
  return result
}
