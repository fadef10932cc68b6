import {
  groupOf,
  isKubeObject,
  isSecret,
  joinApiVersion,
  keyOf,
  type KindCatalog,
  type KindInfo,
  type KubeObject,
  type ObjectRef,
} from "@gitops-toolkit/kube"
import { normalize } from "../diff/normalize.ts"
import type { ObjectFailure } from "../error.ts"
import { failureOf } from "../applying/failure.ts"
import { markObject, type Ownership } from "../ownership.ts"

/** A desired object, ready to be sent. */
export interface Desired {
  readonly ref: ObjectRef
  /** Normalised, in its namespace, with the owner's marks. */
  readonly object: KubeObject
  /** The CRD of the same plan that defines its kind; the server does not serve it yet. */
  readonly definedBy?: ObjectRef
}

/** What `resolveObjects` finds. */
export interface Resolution {
  readonly desired: readonly Desired[]
  readonly failures: readonly ObjectFailure[]
}

/** What is known about the kinds, and where objects without namespace go. */
export interface ResolveOptions {
  readonly catalog: KindCatalog
  readonly ownership: Ownership
  /** For namespaced objects that name none. */
  readonly namespace: string | undefined
}

/** Every object with its kind's scope, name and namespace checked. Pure. */
export function resolveObjects(objects: readonly KubeObject[], options: ResolveOptions): Resolution {
  const served = new Map(options.catalog.kinds.map((kind) => [`${kind.apiVersion}/${kind.kind}`, kind]))
  const defined = definedKinds(objects)
  const desired = new Map<string, Desired>()
  const failures: ObjectFailure[] = []
  for (const object of objects) {
    const found = resolveObject(object, { served, defined, ...options })
    if ("code" in found) failures.push(found)
    else if (desired.has(keyOf(found.ref))) {
      failures.push(failureOf(found.ref, "DuplicateObject", { message: "the object is there twice" }))
    } else desired.set(keyOf(found.ref), found)
  }
  return { desired: [...desired.values()], failures }
}

/** The kinds that `objects` need and `catalog` lacks, but for those that their own CRDs define. */
export function missingKinds(objects: readonly KubeObject[], catalog: KindCatalog): boolean {
  const known = new Set([
    ...catalog.kinds.map((kind) => `${kind.apiVersion}/${kind.kind}`),
    ...definedKinds(objects).keys(),
  ])
  return objects.some((object) => !known.has(`${object.apiVersion}/${object.kind}`))
}

/**
 * The object that is sent for `object` and compared by digest. `namespace` undefined: the kind has none.
 */
export function prepareObject(object: KubeObject, namespace: string | undefined, ownership: Ownership): KubeObject {
  const { namespace: _namespace, ...metadata } = object.metadata
  const placed = { ...object, metadata: namespace === undefined ? metadata : { ...metadata, namespace } }
  return markObject(normalize(placed), ownership)
}

interface Kinds extends ResolveOptions {
  readonly served: ReadonlyMap<string, KindInfo>
  readonly defined: ReadonlyMap<string, DefinedKind>
}

function resolveObject(object: KubeObject, kinds: Kinds): Desired | ObjectFailure {
  const ref = looseRef(object)
  const flaw = flawOf(object)
  if (flaw !== undefined) return failureOf(ref, "InvalidObject", { message: flaw })
  const key = `${object.apiVersion}/${object.kind}`
  const definition = kinds.defined.get(key)
  const namespaced = kinds.served.get(key)?.namespaced ?? definition?.namespaced
  if (namespaced === undefined) {
    const where = `the cluster serves no kind ${object.kind} in ${object.apiVersion}`
    const missing = kinds.catalog.complete ? "" : ` (discovery is incomplete: ${kinds.catalog.missing.join(", ")})`
    return { ref, code: "KindNotFound", message: `${where}${missing}`, retryable: true }
  }
  const namespace = namespaced ? object.metadata.namespace || kinds.namespace : undefined
  if (namespaced && !namespace) {
    return failureOf(ref, "InvalidObject", { message: "metadata.namespace is missing, and the plan has no default" })
  }
  const { apiVersion, kind } = object
  const name = object.metadata.name ?? ""
  const placed: ObjectRef = namespace === undefined ? { apiVersion, kind, name } : { apiVersion, kind, namespace, name }
  const prepared = prepareObject(object, namespace, kinds.ownership)
  return kinds.served.has(key) || !definition
    ? { ref: placed, object: prepared }
    : { ref: placed, object: prepared, definedBy: definition.ref }
}

function looseRef(object: KubeObject): ObjectRef {
  const { apiVersion, kind, metadata } = object as Partial<KubeObject>
  const text = (value: unknown): string => (typeof value === "string" ? value : "")
  const namespace = text(metadata?.namespace)
  const ref = { apiVersion: text(apiVersion), kind: text(kind), name: text(metadata?.name) }
  return namespace === "" ? ref : { ...ref, namespace }
}

function flawOf(object: KubeObject): string | undefined {
  if (!isKubeObject(object)) return "it has no apiVersion, kind and metadata"
  const { name, namespace } = object.metadata as { readonly name?: unknown; readonly namespace?: unknown }
  if (name === undefined || name === "") {
    return object.metadata.generateName ? "generateName cannot be applied: give it a name" : "metadata.name is missing"
  }
  if (!isPathSegment(name)) return `metadata.name is not a name`
  if (namespace !== undefined && namespace !== null && namespace !== "" && !isDnsLabel(namespace)) {
    return `metadata.namespace is not a namespace`
  }
  return isSecret(object) ? secretFlaw(object) : undefined
}

// The server would answer with an internal error that quotes the object.
function secretFlaw(secret: KubeObject): string | undefined {
  const data = secret["data"]
  if (data === undefined || data === null) return undefined
  if (typeof data !== "object" || Array.isArray(data)) return "data is not a map"
  const flawed = Object.entries(data).find(([, value]) => value !== null && !isBase64(value))
  return flawed && `data.${flawed[0]} is not base64`
}

function isBase64(value: unknown): boolean {
  if (typeof value !== "string") return false
  const text = value.replace(/[\r\n]/g, "")
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)
}

function isPathSegment(name: unknown): boolean {
  return typeof name === "string" && name.length <= 253 && name !== "." && name !== ".." && !/[/%]/.test(name)
}

function isDnsLabel(name: unknown): boolean {
  return typeof name === "string" && name.length <= 63 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name)
}

interface DefinedKind {
  readonly ref: ObjectRef
  readonly namespaced: boolean
}

function definedKinds(objects: readonly KubeObject[]): Map<string, DefinedKind> {
  const kinds = new Map<string, DefinedKind>()
  for (const object of objects) {
    if (object.kind !== "CustomResourceDefinition" || groupOf(object.apiVersion) !== "apiextensions.k8s.io") continue
    const spec = object.spec as
      | { group?: unknown; scope?: unknown; names?: { kind?: unknown }; versions?: readonly { name?: unknown }[] }
      | undefined
    const { group, scope, names, versions } = spec ?? {}
    if (typeof group !== "string" || typeof names?.kind !== "string" || !Array.isArray(versions)) continue
    const ref: ObjectRef = { apiVersion: object.apiVersion, kind: object.kind, name: object.metadata.name ?? "" }
    for (const version of versions as readonly { name?: unknown }[]) {
      if (typeof version?.name !== "string") continue
      kinds.set(`${joinApiVersion(group, version.name)}/${names.kind}`, { ref, namespaced: scope === "Namespaced" })
    }
  }
  return kinds
}
