import { createHash } from "node:crypto"
import { joinApiVersion } from "@gitops-toolkit/kube"
import type { Group, Registry, Resource } from "../../resource.ts"
import { builtInSchemas, type Schemas } from "./built-in-schemas.ts"
import { customSchemas } from "./custom-schemas.ts"

/** `GET /openapi/v3`: one URL for each group version, with a hash of its content. */
export function openApiIndex(registry: Registry): unknown {
  const paths: Record<string, unknown> = {}
  for (const name of ["version", "api", "apis"]) paths[name] = entry(name, "-")
  for (const group of registry.groups()) {
    if (group.name !== "") paths[`apis/${group.name}`] = entry(`apis/${group.name}`, "-")
    for (const version of group.versions.keys()) {
      const path = pathOf(group.name, version)
      paths[path] = entry(path, group.builtIn ? "built-in" : `${registry.generation()}`)
    }
  }
  return { paths }
}

function entry(path: string, content: string): unknown {
  const hash = createHash("sha256").update(`${path} ${content}`).digest("hex").slice(0, 32).toUpperCase()
  return { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` }
}

function pathOf(group: string, version: string): string {
  return group === "" ? `api/${version}` : `apis/${group}/${version}`
}

const parameter = (name: string, type: string): unknown => ({ name, in: "query", schema: { type, uniqueItems: true } })

const writeParameters = [
  parameter("dryRun", "string"),
  parameter("fieldManager", "string"),
  parameter("fieldValidation", "string"),
]

const operations: {
  readonly [verb: string]: readonly [method: string, action: string, parameters: readonly unknown[]]
} = {
  create: ["post", "post", writeParameters],
  get: ["get", "get", []],
  update: ["put", "put", writeParameters],
  patch: ["patch", "patch", [...writeParameters, parameter("force", "boolean")]],
  delete: ["delete", "delete", [parameter("dryRun", "string")]],
  list: [
    "get",
    "list",
    [parameter("labelSelector", "string"), parameter("fieldSelector", "string"), parameter("limit", "integer")],
  ],
  deletecollection: ["delete", "deletecollection", [parameter("dryRun", "string")]],
}

/** `GET /openapi/v3/…` of one group version: paths and schemas. */
export function openApiDocument(group: Group, version: string): unknown {
  const resources = [...(group.versions.get(version)?.values() ?? [])]
  const paths: Record<string, unknown> = {}
  for (const resource of resources) {
    const base = `/${pathOf(group.name, version)}/${resource.namespaced ? "namespaces/{namespace}/" : ""}${resource.plural}`
    paths[base] = pathItem(resource, ["create", "list", "deletecollection"])
    paths[`${base}/{name}`] = pathItem(resource, ["get", "update", "patch", "delete"])
  }
  return {
    openapi: "3.0.0",
    info: group.builtIn
      ? { title: "Kubernetes", version: "1.36" }
      : { title: "Kubernetes CRD Swagger", version: "v0.1.0" },
    paths,
    components: { schemas: schemasOf(group, version) },
  }
}

/** The schemas of one group version by name. */
export function schemasOf(group: Group, version: string): Schemas {
  const resources = [...(group.versions.get(version)?.values() ?? [])]
  const custom = customSchemas(resources.filter((resource) => resource.custom))
  return { ...builtInSchemas(pathOf(group.name, version)), ...custom }
}

function pathItem(resource: Resource, verbs: readonly string[]): unknown {
  const item: Record<string, unknown> = {}
  const { group, version, kind } = resource
  const plain = joinApiVersion(group, version)
  for (const verb of verbs) {
    if (!resource.verbs.includes(verb)) continue
    const [method, action, parameters] = operations[verb]!
    item[method] = {
      tags: [plain.replaceAll(/[/.]/g, "_")],
      operationId: `${verb}${resource.namespaced ? "Namespaced" : ""}${kind}`,
      parameters,
      responses: { 200: { description: "OK" } },
      "x-kubernetes-action": action,
      "x-kubernetes-group-version-kind": { group, version, kind },
    }
  }
  return item
}
