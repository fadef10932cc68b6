import { createHash } from "node:crypto"
import { compareVersions } from "../../custom/versions.ts"
import type { Group, Registry, Resource } from "../../resource.ts"
import { joinApiVersion } from "@gitops-toolkit/kube"

/** `GET /api`. */
export function coreVersions(): unknown {
  return {
    kind: "APIVersions",
    versions: ["v1"],
    serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress: "127.0.0.1:6443" }],
  }
}

/** `GET /apis`. */
export function groupList(registry: Registry): unknown {
  const groups = registry.groups().filter(({ name }) => name !== "")
  return { kind: "APIGroupList", apiVersion: "v1", groups: groups.map((group) => groupEntry(group)) }
}

/** `GET /apis/GROUP`. */
export function groupDocument(group: Group): unknown {
  return { kind: "APIGroup", apiVersion: "v1", ...groupEntry(group) }
}

function groupEntry({ name, versions }: Group): object {
  const list = preferredFirst(versions).map((version) => ({ groupVersion: `${name}/${version}`, version }))
  return { name, versions: list, preferredVersion: list[0] }
}

/** Versions in the order of preference: v2, v1, v1beta2, v1alpha1, anything else. */
function preferredFirst(versions: Group["versions"]): string[] {
  return [...versions.keys()].toSorted(compareVersions)
}

/** `GET /api/v1`, `GET /apis/GROUP/VERSION`. */
export function resourceList(group: Group, version: string): unknown {
  const resources = [...(group.versions.get(version)?.values() ?? [])].flatMap((resource) => resourceEntries(resource))
  const groupVersion = joinApiVersion(group.name, version)
  return {
    kind: "APIResourceList",
    ...(group.name === "" ? {} : { apiVersion: "v1" }),
    groupVersion,
    // The server lists a definition's sub-resources in an order of its own.
    resources: group.builtIn ? resources.toSorted((a, b) => (a.name < b.name ? -1 : 1)) : resources,
  }
}

function resourceEntries(resource: Resource): { readonly name: string }[] {
  const { plural, singular, namespaced, kind, verbs, shortNames, categories } = resource
  const own = {
    name: plural,
    singularName: singular,
    namespaced,
    ...foreign(resource, resource.responseKind),
    kind,
    verbs,
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
    ...storageHash(resource),
  }
  const below = resource.subresources.map((sub) => ({
    name: `${plural}/${sub.name}`,
    singularName: "",
    namespaced,
    ...(sub.responseKind ? foreign(resource, sub.responseKind) : {}),
    kind: sub.responseKind?.kind ?? kind,
    verbs: sub.verbs,
  }))
  return [own, ...below]
}

const hashes = new Map<string, string>()

/** `storageVersionHash`: names the stored version of a kind without telling it. */
function storageHash({ kind, hashedAs }: Resource): { readonly storageVersionHash?: string } {
  if (hashedAs === "") return {}
  const stored = `${hashedAs.includes("/") ? hashedAs : `/${hashedAs}`}/${kind}`
  let hash = hashes.get(stored)
  if (hash === undefined) {
    hash = createHash("sha256").update(stored).digest().subarray(0, 8).toString("base64")
    hashes.set(stored, hash)
  }
  return { storageVersionHash: hash }
}

function foreign(resource: Resource, { group, version }: { readonly group: string; readonly version: string }): object {
  const own = version === "" || (group === resource.group && version === resource.version)
  return own ? {} : { group, version }
}

/** The aggregated documents `GET /api` and `GET /apis`, in `v2` or `v2beta1`. */
export function aggregated(groups: readonly Group[], version: string): unknown {
  return {
    kind: "APIGroupDiscoveryList",
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groups.map((group) => ({
      metadata: group.name === "" ? {} : { name: group.name },
      versions: preferredFirst(group.versions).map((each) => ({
        version: each,
        resources: [...group.versions.get(each)!.values()]
          .toSorted((a, b) => (a.plural < b.plural ? -1 : 1))
          .map((resource) => aggregatedEntry(resource)),
        freshness: "Current",
      })),
    })),
  }
}

function aggregatedEntry(resource: Resource): unknown {
  const { plural, kind, namespaced, singular, verbs, shortNames, categories, subresources } = resource
  const own = resource.custom ? { group: resource.group, version: resource.version } : resource.responseKind
  return {
    resource: plural,
    responseKind: { ...own, kind },
    scope: namespaced ? "Namespaced" : "Cluster",
    singularResource: singular,
    verbs,
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
    ...(subresources.length > 0
      ? {
          subresources: subresources.map((sub) => ({
            subresource: sub.name,
            ...(sub.responseKind ? { responseKind: sub.responseKind } : {}),
            verbs: sub.verbs,
          })),
        }
      : {}),
  }
}
