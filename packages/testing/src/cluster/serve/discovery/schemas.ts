import type { Resource } from "../../resource.ts"

/** The OpenAPI schemas of some resources of one group version, by name. */
export function schemasOf(resources: readonly Resource[]): Record<string, unknown> {
  const schemas: Record<string, unknown> = {}
  for (const resource of resources) {
    const { group, version, kind } = resource
    const name = schemaName(resource)
    const own = resource.custom?.schema ?? { type: "object" }
    schemas[name] = { ...own, "x-kubernetes-group-version-kind": [{ group, kind, version }] }
  }
  return schemas
}

/** `io.k8s.api.apps.v1.Deployment`; a custom kind's group stands backwards: `example.apps.v1.Widget`. */
export function schemaName({ group, version, kind, custom }: Resource): string {
  if (custom) return `${group.split(".").toReversed().join(".")}.${version}.${kind}`
  const short =
    group === ""
      ? "core"
      : group
          .replace(/\.k8s\.io$/, "")
          .replace(".authorization", "")
          .replace(".apiserver", "")
  const prefix =
    group === "apiextensions.k8s.io"
      ? "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions"
      : group === "apiregistration.k8s.io"
        ? "io.k8s.kube-aggregator.pkg.apis.apiregistration"
        : `io.k8s.api.${short}`
  return `${prefix}.${version}.${kind}`
}
