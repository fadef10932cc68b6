import type { KubeObject } from "@gitops-toolkit/kube"
import { topologyOfSchema } from "@gitops-toolkit/patch"
import type { Resource, Subresource } from "../resource.ts"
import { deducedSubresources } from "./subresources.ts"
import { compareVersions } from "./versions.ts"
import type { CustomVersion, PrinterColumn, Schema } from "./definition.ts"

/** One version of a definition. */
export interface VersionSpec {
  readonly name: string
  readonly served: boolean
  readonly storage: boolean
  readonly deprecated?: boolean
  readonly deprecationWarning?: string
  readonly schema?: { readonly openAPIV3Schema?: Schema }
  readonly subresources?: { readonly status?: object; readonly scale?: CustomVersion["scale"] }
  readonly additionalPrinterColumns?: readonly PrinterColumn[]
  readonly selectableFields?: readonly { readonly jsonPath: string }[]
}

/** The spec of a CustomResourceDefinition, as the server keeps it. */
export interface DefinitionSpec {
  readonly group: string
  readonly scope: "Namespaced" | "Cluster"
  readonly preserveUnknownFields?: boolean
  readonly names: Names
  readonly versions: readonly VersionSpec[]
}

/** The names of a definition; all are there once it is defaulted. */
export interface Names {
  readonly plural: string
  readonly singular: string
  readonly kind: string
  readonly listKind: string
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
}

const verbs = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"]

/** The resources of a definition's served versions, by version. */
export function resourcesOf(definition: KubeObject): Map<string, Resource> {
  const spec = definition.spec as DefinitionSpec
  const stored = spec.versions.find(({ storage }) => storage) ?? spec.versions[0]!
  const served = spec.versions.filter((version) => version.served)
  return new Map(served.map((version) => [version.name, resourceOf(definition, { version, stored })]))
}

function resourceOf(
  definition: KubeObject,
  { version, stored }: { readonly version: VersionSpec; readonly stored: VersionSpec },
): Resource {
  const { group, scope, names } = definition.spec as DefinitionSpec
  const apiVersion = `${group}/${version.name}`
  return {
    group,
    version: version.name,
    kind: names.kind,
    listKind: names.listKind,
    plural: names.plural,
    singular: names.singular,
    namespaced: scope === "Namespaced",
    verbs,
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    subresources: subresourcesOf(version, { group, kind: names.kind }),
    responseKind: { group: "", version: "" },
    table: `${names.plural}.${group}`,
    apiVersion,
    storedAs: `${group}/${stored.name}`,
    hashedAs: `${group}/${stored.name}`,
    custom: customVersionOf(definition, { version, stored }),
  }
}

function subresourcesOf(version: VersionSpec, own: { readonly group: string; readonly kind: string }): Subresource[] {
  const status = { ...own, version: version.name }
  return deducedSubresources({
    status: version.subresources?.status ? status : undefined,
    scale: version.subresources?.scale !== undefined,
  })
}

function customVersionOf(
  definition: KubeObject,
  { version, stored }: { readonly version: VersionSpec; readonly stored: VersionSpec },
): CustomVersion {
  const spec = definition.spec as DefinitionSpec
  const schema = version.schema?.openAPIV3Schema
  const apiVersion = `${spec.group}/${version.name}`
  const preserveUnknown = spec.preserveUnknownFields === true
  const newer = spec.versions.filter(({ served, deprecated }) => served && !deprecated).map(({ name }) => name)
  const [best] = newer.toSorted(compareVersions)
  const hint = best === undefined ? "" : `; use ${spec.group}/${best} ${spec.names.kind}`
  const text = version.deprecationWarning ?? `${apiVersion} ${spec.names.kind} is deprecated${hint}`
  return {
    schema,
    storedSchema: stored.schema?.openAPIV3Schema,
    preserveUnknown,
    status: version.subresources?.status !== undefined,
    scale: version.subresources?.scale,
    selectableFields: (version.selectableFields ?? []).map(({ jsonPath }) => jsonPath.replace(/^\./, "")),
    columns: version.additionalPrinterColumns,
    deprecation: version.deprecated ? text : undefined,
    topology: topologyOfSchema(schema as Parameters<typeof topologyOfSchema>[0], {
      preserveUnknownFields: preserveUnknown,
    }),
    definition: definition.metadata.name!,
    terminating: definition.metadata.deletionTimestamp !== undefined,
  }
}
