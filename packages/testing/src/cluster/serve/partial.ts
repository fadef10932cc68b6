import type { KubeObject } from "@gitops-toolkit/kube"
import { omit } from "../kinds/omit.ts"
import type { Resource } from "../resource.ts"

/** An object with its metadata alone, as the server holds it. */
export function partialOf({ metadata }: KubeObject, resource: Resource, version: string): object {
  const held = resource.table === "daemonsets.apps" ? withoutTemplateGeneration(metadata) : metadata
  return { kind: "PartialObjectMetadata", apiVersion: `meta.k8s.io/${version}`, metadata: held }
}

/** Within the server this annotation is a field of the spec. */
function withoutTemplateGeneration(metadata: KubeObject["metadata"]): KubeObject["metadata"] {
  const { annotations = {}, ...rest } = metadata
  const own = omit(annotations, "deprecated.daemonset.template.generation")
  return Object.keys(own).length === 0 ? rest : { ...rest, annotations: own }
}
