import { joinApiVersion, type KindCatalog, type KindInfo } from "@gitops-toolkit/kube"
import { recordOf, textOf } from "./error.ts"

/** Discovery's answer for some groups. */
export interface PartialCatalog {
  readonly kinds: readonly KindInfo[]
  /** Groups or group/versions without an answer, or with an old one. */
  readonly missing: readonly string[]
}

/** The catalog that all parts make together. */
export function joinCatalogs(parts: readonly PartialCatalog[]): KindCatalog {
  const missing = parts.flatMap((part) => part.missing)
  return { kinds: parts.flatMap((part) => part.kinds), complete: missing.length === 0, missing }
}

/** Reads an `APIGroupDiscoveryList` (v2 or v2beta1). A version that is not `Current` is kept and named in `missing`. */
export function parseAggregated(value: unknown): PartialCatalog {
  const kinds: KindInfo[] = []
  const missing: string[] = []
  for (const group of recordsIn(value, "items")) {
    const name = textOf(recordOf(group["metadata"])?.["name"])
    for (const version of recordsIn(group, "versions")) {
      const apiVersion = joinApiVersion(name, textOf(version["version"]))
      if (textOf(version["freshness"]) === "Stale") missing.push(apiVersion)
      for (const resource of recordsIn(version, "resources")) {
        const kind = parseAggregatedKind(resource, apiVersion)
        if (kind) kinds.push(kind)
      }
    }
  }
  return { kinds, missing }
}

function parseAggregatedKind(resource: { readonly [key: string]: unknown }, apiVersion: string): KindInfo | undefined {
  const kind = textOf(recordOf(resource["responseKind"])?.["kind"])
  const plural = textOf(resource["resource"])
  if (kind === "" || plural === "") return undefined
  return {
    apiVersion,
    kind,
    plural,
    singular: textOf(resource["singularResource"]) || kind.toLowerCase(),
    namespaced: resource["scope"] === "Namespaced",
    verbs: textsIn(resource, "verbs"),
    shortNames: textsIn(resource, "shortNames"),
    categories: textsIn(resource, "categories"),
    subresources: recordsIn(resource, "subresources").map((entry) => textOf(entry["subresource"])),
  }
}

/** Reads an `APIResourceList`: the kinds of one group and version. */
export function parseResourceList(value: unknown, apiVersion: string): readonly KindInfo[] {
  const resources = recordsIn(value, "resources")
  const subresources = new Map<string, string[]>()
  for (const { name } of resources) {
    const [plural = "", subresource] = textOf(name).split("/", 2)
    if (subresource !== undefined) subresources.set(plural, [...(subresources.get(plural) ?? []), subresource])
  }
  return resources.flatMap((resource): KindInfo[] => {
    const plural = textOf(resource["name"])
    const kind = textOf(resource["kind"])
    if (plural === "" || plural.includes("/") || kind === "") return []
    const singular = textOf(resource["singularName"]) || kind.toLowerCase()
    const namespaced = resource["namespaced"] === true
    const verbs = textsIn(resource, "verbs")
    const shortNames = textsIn(resource, "shortNames")
    const categories = textsIn(resource, "categories")
    return [
      {
        apiVersion,
        kind,
        plural,
        singular,
        namespaced,
        verbs,
        shortNames,
        categories,
        subresources: subresources.get(plural) ?? [],
      },
    ]
  })
}

/** The group/versions of an `APIVersions` (core) or `APIGroupList`, the preferred version of each group first. */
export function parseGroupVersions(value: unknown): readonly string[] {
  if (recordOf(value)?.["kind"] === "APIVersions") return textsIn(value, "versions")
  return recordsIn(value, "groups").flatMap((group) => {
    const preferred = textOf(recordOf(group["preferredVersion"])?.["groupVersion"])
    const all = recordsIn(group, "versions").map((version) => textOf(version["groupVersion"]))
    return [...new Set([preferred, ...all])].filter((apiVersion) => apiVersion !== "")
  })
}

function recordsIn(value: unknown, field: string): readonly { readonly [key: string]: unknown }[] {
  const list = recordOf(value)?.[field]
  return Array.isArray(list) ? list.map(recordOf).filter((item) => item !== undefined) : []
}

function textsIn(value: unknown, field: string): readonly string[] {
  const list = recordOf(value)?.[field]
  return Array.isArray(list) ? list.filter((item): item is string => typeof item === "string") : []
}
