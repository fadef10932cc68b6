import type { KubeObject } from "@gitops-toolkit/kube"
import type { Schema } from "../definition.ts"
import { isFormatOf } from "../formats.ts"
import type { DefinitionSpec } from "../serve.ts"
import { internalSpec } from "./internal.ts"
import { schemasIn } from "./structure.ts"

/** The warnings about a definition: formats that the server does not know and that it has not had before. */
export function definitionWarnings(definition: KubeObject, previous: KubeObject | undefined): string[] {
  const before = previous ? unknownFormats(previous.spec as DefinitionSpec) : []
  const formats = unknownFormats((definition.spec ?? {}) as Partial<DefinitionSpec>)
  return formats
    .filter((format) => !before.includes(format))
    .map((format) => `unrecognized format ${JSON.stringify(format)}`)
}

/** The formats in the schemas of a definition that the server does not know, each as often as it stands there. */
function unknownFormats(spec: Partial<DefinitionSpec>): string[] {
  const found: string[] = []
  const visit = (schema: Schema): void => {
    const format = schema["format"] as string | undefined
    if (format && !isFormatOf(schema.type, format)) found.push(format)
    schemasIn(schema).forEach(visit)
  }
  for (const schema of schemasOf(spec)) visit(schema)
  return found
}

/** The schemas of all versions; one that they share counts once. */
function schemasOf(spec: Partial<DefinitionSpec>): Schema[] {
  const { validation, versions } = internalSpec(spec)
  const all = [validation, ...versions.map(({ schema }) => schema)]
  return all.flatMap((each) => (each?.openAPIV3Schema ? [each.openAPIV3Schema] : []))
}
