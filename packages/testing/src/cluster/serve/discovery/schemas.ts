import { type Topology, topologyOf } from "@gitops-toolkit/patch"
import type { Resource } from "../../resource.ts"

type Schema = Record<string, unknown>
type Schemas = Record<string, Schema>

/**
 * The OpenAPI schemas of some resources of one group version, by name, and of the types they are made of: fields, types and
 * how they are merged, without descriptions.
 */
export function schemasOf(resources: readonly Resource[]): Record<string, unknown> {
  const schemas: Schemas = {}
  for (const resource of resources) {
    const { group, version, kind, apiVersion } = resource
    const name = schemaName(resource)
    const topology = resource.custom ? undefined : topologyOf({ apiVersion, kind })
    const own = resource.custom?.schema ?? (topology ? objectSchema(topology, schemas) : { type: "object" })
    schemas[name] = { ...own, "x-kubernetes-group-version-kind": [{ group, kind, version }] }
  }
  return schemas
}

function objectSchema({ map }: Topology, schemas: Schemas): Schema {
  const properties: Record<string, Schema> = {}
  for (const [name, field] of map!.fields) properties[name] = fieldSchema(field, schemas)
  return {
    type: "object",
    ...(map!.fields.size > 0 ? { properties } : {}),
    ...(map!.rest ? { additionalProperties: fieldSchema(map!.rest, schemas) } : {}),
    ...(map!.required.length > 0 ? { required: map!.required } : {}),
    ...(map!.atomic ? { "x-kubernetes-map-type": "atomic" } : {}),
  }
}

function fieldSchema(field: Topology, schemas: Schemas): Schema {
  const { strategies = [], mergeKey } = field.patch ?? {}
  return {
    ...plainSchema(field, schemas),
    ...(strategies.length > 0 ? { "x-kubernetes-patch-strategy": strategies.join(",") } : {}),
    ...(mergeKey ? { "x-kubernetes-patch-merge-key": mergeKey } : {}),
  }
}

const wrapped: { readonly [format: string]: string } = {
  "int-or-string": "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
  quantity: "io.k8s.apimachinery.pkg.api.resource.Quantity",
}

function plainSchema(field: Topology, schemas: Schemas): Schema {
  const { name, map, list, format } = field
  if (map && name !== "") {
    // Known before its fields are looked at: types may hold themselves.
    if (!Object.hasOwn(schemas, name)) {
      schemas[name] = {}
      schemas[name] = objectSchema(field, schemas)
    }
    return reference(name)
  }
  if (map) return objectSchema(field, schemas)
  if (list) {
    const keys = list.kind === "map" ? { "x-kubernetes-list-map-keys": list.keys } : {}
    return { type: "array", items: fieldSchema(list.item, schemas), "x-kubernetes-list-type": list.kind, ...keys }
  }
  if (format === undefined) return {}
  const special = wrapped[format]
  if (special !== undefined) {
    schemas[special] = { oneOf: [{ type: "string" }, { type: format === "quantity" ? "number" : "integer" }] }
    return reference(special)
  }
  if (format === "int32" || format === "int64") return { type: "integer", format }
  if (format === "double") return { type: "number", format }
  return ["string", "integer", "number", "boolean"].includes(format) ? { type: format } : { type: "string", format }
}

const reference = (name: string): Schema => ({ allOf: [{ $ref: `#/components/schemas/${name}` }] })

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
