import type { KubeObject } from "@gitops-toolkit/kube"
import type { DefinitionSpec } from "./serve.ts"

/** A CustomResourceDefinition with the server's defaults: singular, list kind, no conversion. */
export function completeDefinition(definition: KubeObject): KubeObject {
  const spec = (definition.spec ?? {}) as DefinitionSpec & { readonly conversion?: object }
  const { kind, ...names } = { kind: "", ...(spec.names as Partial<DefinitionSpec["names"]> | undefined) }
  const whole = {
    ...names,
    ...(names.singular ? {} : { singular: kind.toLowerCase() }),
    kind,
    ...(names.listKind || kind === "" ? {} : { listKind: `${kind}List` }),
  }
  return {
    ...definition,
    spec: { ...spec, names: whole, ...(spec.conversion ? {} : { conversion: { strategy: "None" } }) },
  }
}
