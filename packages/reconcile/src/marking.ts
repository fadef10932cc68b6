import type { KubeObject, StringMap } from "@gitops-toolkit/kube"

/** Labels and annotations for every object. */
export interface CommonMetadata {
  readonly labels?: StringMap
  readonly annotations?: StringMap
}

/**
 * Every object with these labels and annotations in its own metadata; they win over what is there. Pod templates and
 * selectors are left alone (Flux's `commonMetadata`). Pure.
 *
 * @example
 * const settings = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "settings", labels: { app: "web" } } }
 * setCommonMetadata([settings], { labels: { team: "shop" } })[0]?.metadata.labels   // { app: "web", team: "shop" }
 */
export function setCommonMetadata(
  objects: readonly KubeObject[],
  { labels, annotations }: CommonMetadata,
): KubeObject[] {
  return objects.map((object) => ({
    ...object,
    metadata: {
      ...object.metadata,
      ...(labels ? { labels: { ...object.metadata.labels, ...labels } } : {}),
      ...(annotations ? { annotations: { ...object.metadata.annotations, ...annotations } } : {}),
    },
  }))
}
