import { groupOf, versionOf } from "@gitops-toolkit/kube"
import type { KubeObject } from "@gitops-toolkit/kube"

/** The file that kustomize writes each object to: `apps_v1_deployment_web.yaml`, with the namespace where there are many. */
export function fileNames(objects: readonly KubeObject[]): Map<string, KubeObject> {
  const namespaces = new Set(objects.map(({ metadata }) => metadata.namespace ?? "default"))
  return new Map(
    objects.map((object) => {
      const { apiVersion, kind, metadata } = object
      const parts = [groupOf(apiVersion), versionOf(apiVersion), kind].filter((part) => part !== "")
      const prefix = namespaces.size > 1 && metadata.namespace ? `${metadata.namespace}_` : ""
      const name = `${prefix}${parts.join("_")}_${metadata.name ?? ""}.yaml`.toLowerCase()
      return [name.replace(/[/\\]/g, "_"), object]
    }),
  )
}
