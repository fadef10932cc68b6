import type { KubeObject } from "@gitops-toolkit/kube"
import type { CustomVersion } from "./custom/definition.ts"
import { builtInResources } from "./serve/discovery/resources.generated.ts"

/** The object without one of its finalizers. */
export function withoutFinalizer(object: KubeObject, finalizer: string): KubeObject {
  const { finalizers = [], ...metadata } = object.metadata
  const rest = finalizers.filter((name) => name !== finalizer)
  return { ...object, metadata: rest.length > 0 ? { ...metadata, finalizers: rest } : metadata }
}

/** One sub-resource as discovery tells it; `kind` is absent where it answers no object. */
export interface Subresource {
  readonly name: string
  readonly verbs: readonly string[]
  readonly responseKind?: { readonly group: string; readonly version: string; readonly kind: string }
}

/** One resource of one group and version. */
export interface Resource {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly listKind: string
  readonly plural: string
  readonly singular: string
  readonly namespaced: boolean
  readonly verbs: readonly string[]
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
  readonly subresources: readonly Subresource[]
  /** Group and version of the kind where these are not the resource's own (`Eviction`). */
  readonly responseKind: { readonly group: string; readonly version: string }
  /** The store's table: the versions of one resource share it. */
  readonly table: string
  /** `apps/v1`. */
  readonly apiVersion: string
  /** The apiVersion that objects of the table are stored in. */
  readonly storedAs: string
  /** The apiVersion that discovery tells a hash of: the one in which the real server stores the kind; `""` for what is not stored. */
  readonly hashedAs: string
  /** The schema and settings of a custom resource's version; absent for built-in resources. */
  readonly custom?: CustomVersion
}

/** One group of the API with its resources by version, the preferred version first. */
export interface Group {
  readonly name: string
  readonly versions: ReadonlyMap<string, ReadonlyMap<string, Resource>>
  /** True for the groups that the server itself brings. */
  readonly builtIn: boolean
}

type SubRow = readonly [name: string, kind: readonly [string, string, string] | 0, verbs: string]
type Row = readonly [
  plural: string,
  singular: string,
  kind: string,
  namespaced: 0 | 1,
  verbs: string,
  shortNames: string,
  categories: string,
  subresources: readonly SubRow[],
  responseGroup: string,
  responseVersion: string,
]
type GroupRow = readonly [group: string, versions: readonly (readonly [version: string, rows: readonly Row[]])[]]

/** Tables that several groups or versions share, and the version that is stored. */
const shared: ReadonlyMap<string, { readonly table: string; readonly storedAs: string }> = new Map([
  ["events", { table: "events", storedAs: "v1" }],
  ["events.events.k8s.io", { table: "events", storedAs: "v1" }],
  [
    "horizontalpodautoscalers.autoscaling",
    { table: "horizontalpodautoscalers.autoscaling", storedAs: "autoscaling/v2" },
  ],
])

/** Built-in kinds that the real server stores in an older version, which only the hash of discovery shows. */
const older: ReadonlyMap<string, string> = new Map([
  ["customresourcedefinitions.apiextensions.k8s.io", "apiextensions.k8s.io/v1beta1"],
  ["mutatingadmissionpolicies.admissionregistration.k8s.io", "admissionregistration.k8s.io/v1beta1"],
  ["mutatingadmissionpolicybindings.admissionregistration.k8s.io", "admissionregistration.k8s.io/v1beta1"],
])

const words = (text: string): string[] => (text === "" ? [] : text.split(","))

function resourceOf(group: string, version: string, row: Row): Resource {
  const [plural, singular, kind, namespaced, verbs, shortNames, categories, subresources, ...response] = row
  const apiVersion = group === "" ? version : `${group}/${version}`
  const name = group === "" ? plural : `${plural}.${group}`
  const { table, storedAs } = shared.get(name) ?? { table: name, storedAs: apiVersion }
  return {
    group,
    version,
    kind,
    listKind: `${kind}List`,
    plural,
    singular,
    namespaced: namespaced === 1,
    verbs: words(verbs),
    shortNames: words(shortNames),
    categories: words(categories),
    subresources: subresources.map(([sub, answer, subVerbs]) => ({
      name: sub,
      verbs: words(subVerbs),
      ...(answer === 0 ? {} : { responseKind: { group: answer[0], version: answer[1], kind: answer[2] } }),
    })),
    responseKind: { group: response[0], version: response[1] },
    table,
    apiVersion,
    storedAs,
    hashedAs: words(verbs).includes("watch") ? (older.get(name) ?? storedAs) : "",
  }
}

let builtIn: readonly Group[] | undefined

/** The groups that every kube-apiserver has, in the order of discovery; made at first use and shared. */
export function builtInGroups(): readonly Group[] {
  builtIn ??= (JSON.parse(builtInResources) as GroupRow[]).map(([name, versions]) => ({
    name,
    builtIn: true,
    versions: new Map(
      versions.map(([version, rows]) => [
        version,
        new Map(rows.map((row) => [row[0], resourceOf(name, version, row)])),
      ]),
    ),
  }))
  return builtIn
}

/** What is served: the built-in resources and those of the definitions that are established. */
export interface Registry {
  /** Changes whenever something is served that was not, or the other way round. */
  generation(): number
  /** All groups, built-in ones first. */
  groups(): Group[]
  group(name: string): Group | undefined
  find(group: string, version: string, plural: string): Resource | undefined
  /** The resource of a kind. */
  ofKind(apiVersion: string, kind: string): Resource | undefined
  /** Any served resource whose objects are in `table`. */
  ofTable(table: string): Resource | undefined
  /** Every resource that has a kind of its own, of every version. */
  resources(): Iterable<Resource>
  /** Replaces what is served of a custom group; without resources the group goes. */
  setCustomGroup(name: string, versions: Group["versions"]): void
}

/** A registry of the built-in resources. */
export function createRegistry(): Registry {
  const groups = new Map<string, Group>()
  const byKind = new Map<string, Resource>()
  let generation = 0
  const add = (group: Group): void => {
    groups.set(group.name, group)
    for (const version of group.versions.values()) {
      // Several resources may answer one kind; the first one with a `get` is its home.
      for (const resource of version.values()) {
        const key = `${resource.apiVersion}/${resource.kind}`
        const known = byKind.get(key)
        if (!known || (!known.verbs.includes("get") && resource.verbs.includes("get"))) byKind.set(key, resource)
      }
    }
  }
  for (const group of builtInGroups()) add(group)
  return {
    generation: () => generation,
    groups: () => [...groups.values()],
    group: (name) => groups.get(name),
    find: (group, version, plural) => groups.get(group)?.versions.get(version)?.get(plural),
    ofKind: (apiVersion, kind) => byKind.get(`${apiVersion}/${kind}`),
    ofTable: (table) => byKind.values().find((resource) => resource.table === table),
    resources: () => byKind.values(),
    setCustomGroup(name, versions) {
      const before = groups.get(name)
      if (before?.builtIn) return
      for (const version of before?.versions.values() ?? []) {
        for (const { apiVersion, kind } of version.values()) byKind.delete(`${apiVersion}/${kind}`)
      }
      groups.delete(name)
      if (versions.size > 0) add({ name, versions, builtIn: false })
      generation++
    },
  }
}

let lastKey = { namespace: "", name: "", key: "/" }

/** The store's key of an object. A request asks several times: the very same text need not be hashed again. */
export function storeKey(resource: Resource, namespace: string, name: string): string {
  if (!resource.namespaced) return name
  if (lastKey.name !== name || lastKey.namespace !== namespace)
    lastKey = { namespace, name, key: `${namespace}/${name}` }
  return lastKey.key
}

/** The object of a table under the apiVersion and kind of `resource`: for versions that differ in nothing else. */
export function relabelled(object: KubeObject, resource: Resource): KubeObject {
  return object.apiVersion === resource.apiVersion ? object : { ...object, apiVersion: resource.apiVersion }
}
