import { digestBytes, groupOf, isKubeObject, type KubeObject, type StringMap } from "@gitops-toolkit/kube"
import { ReconcileError } from "./error.ts"

/**
 * Who owns the objects of a plan. An object of the cluster is its own owner description: `metadata` has all there is.
 * `uid` may be any text without `/` that no other owner will ever have.
 */
export interface Owner {
  readonly apiVersion?: string
  readonly kind?: string
  readonly namespace?: string
  readonly name: string
  readonly uid: string
}

/** The prefix of labels and annotations unless one is given. */
export const defaultPrefix = "gitops-toolkit.dev/"

/** An owner and the prefix of the marks that say so. */
export interface Ownership {
  readonly owner: Owner
  /** Ends in `/`. */
  readonly prefix: string
}

/** What the marks of a live object say. */
export interface OwnerMark {
  readonly name: string
  readonly namespace: string
  /** Absent where only the labels were found. */
  readonly kind?: string
  readonly uid?: string
}

/**
 * The owner and prefix of a plan. Throws `ReconcileError` `InvalidOwner` for an owner without name or uid (without them
 * nothing could ever be proven to be its own), and for a prefix that does not end in `/`.
 *
 * @example
 * ownershipOf({ name: "shop", namespace: "prod", uid: "8a3f" })
 * // { prefix: "gitops-toolkit.dev/", owner: { namespace: "prod", name: "shop", uid: "8a3f" } }
 */
export function ownershipOf(owner: Owner | KubeObject, prefix: string = defaultPrefix): Ownership {
  const { name = "", namespace = "", uid = "" } = isKubeObject(owner) ? owner.metadata : owner
  if (name === "" || uid === "" || uid.includes("/")) {
    throw new ReconcileError("InvalidOwner", "an owner needs a name and a uid (the object as the server answered it)")
  }
  if (!prefix.endsWith("/")) throw new ReconcileError("InvalidOwner", `the prefix '${prefix}' does not end in '/'`)
  const { apiVersion, kind } = owner
  return {
    prefix,
    owner: {
      ...(apiVersion === undefined ? {} : { apiVersion }),
      ...(kind === undefined ? {} : { kind }),
      ...(namespace === "" ? {} : { namespace }),
      name,
      uid,
    },
  }
}

/**
 * The labels that every object of this owner bears: `<prefix>name` and `<prefix>namespace`. For selectors of watches
 * and for people; the proof is in the annotation. Names too long for a label are cut and end in a hash of the whole.
 *
 * @example
 * ownerLabels(ownershipOf({ name: "shop", namespace: "prod", uid: "8a3f" }))
 * // { "gitops-toolkit.dev/name": "shop", "gitops-toolkit.dev/namespace": "prod" }
 */
export function ownerLabels({ owner, prefix }: Ownership): StringMap {
  return {
    [`${prefix}name`]: labelValue(owner.name),
    ...(owner.namespace === undefined ? {} : { [`${prefix}namespace`]: labelValue(owner.namespace) }),
  }
}

/** `object` with the marks of `ownership` in its own metadata (never in that of a pod template). */
export function markObject(object: KubeObject, ownership: Ownership): KubeObject {
  const { metadata } = object
  const labels = { ...metadata.labels, ...ownerLabels(ownership) }
  const annotations = { ...metadata.annotations, [`${ownership.prefix}owner`]: ownerText(ownership.owner) }
  return { ...object, metadata: { ...metadata, labels, annotations } }
}

/**
 * True when the live `object` bears the marks of this very owner: name, namespace and uid.
 *
 * @example
 * const shop = ownershipOf({ kind: "App", namespace: "prod", name: "shop", uid: "8a3f" })
 * const marked = (uid: string) => ({ labels: ownerLabels(shop), annotations: { "gitops-toolkit.dev/owner": `App/prod/shop/${uid}` } })
 * isOurs({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "settings", ...marked("8a3f") } }, shop)   // true
 * isOurs({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "settings", ...marked("77b0") } }, shop)   // false
 */
export function isOurs(object: KubeObject, ownership: Ownership): boolean {
  const labels = object.metadata.labels ?? {}
  const wanted = ownerLabels(ownership)
  const labelled = Object.keys(wanted).every((key) => Object.hasOwn(labels, key) && labels[key] === wanted[key])
  return labelled && markOf(object, ownership.prefix)?.uid === ownership.owner.uid
}

/**
 * What the marks with `prefix` on a live object say; undefined when it bears none.
 *
 * @example
 * const annotations = { "gitops-toolkit.dev/owner": "App/prod/shop/8a3f" }
 * markOf({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "settings", annotations } })
 * // { kind: "App", namespace: "prod", name: "shop", uid: "8a3f" }
 */
export function markOf(object: KubeObject, prefix: string = defaultPrefix): OwnerMark | undefined {
  const { labels = {}, annotations = {} } = object.metadata
  const text = textOf(annotations, `${prefix}owner`)
  const parts = text?.split("/") ?? []
  const [kind = "", namespace = "", name = "", uid = ""] = parts
  if (parts.length === 4 && name !== "" && uid !== "") return { name, namespace, kind, uid }
  const label = textOf(labels, `${prefix}name`)
  if (label === undefined) return undefined
  return { name: label, namespace: textOf(labels, `${prefix}namespace`) ?? "" }
}

/**
 * The other owner of a live object, for people; undefined when there is none. An earlier incarnation of the same owner
 * (same kind, namespace and name, another uid) is no other. Marks of Flux, Argo CD and Helm count too, unless the
 * desired object states them itself.
 */
export function otherOwnerOf(live: KubeObject, desired: KubeObject, ownership: Ownership): string | undefined {
  const mark = markOf(live, ownership.prefix)
  if (mark && !isSameOwner(mark, ownership.owner)) {
    const name = mark.namespace === "" ? mark.name : `${mark.namespace}/${mark.name}`
    return mark.kind === undefined ? name : `${mark.kind} ${name}`
  }
  for (const { system, field, key, namespaceKey } of foreignMarks) {
    const found = textOf(live.metadata[field], key)
    if (found === undefined || key.startsWith(ownership.prefix)) continue
    if (textOf(desired.metadata[field], key) !== undefined) continue
    const namespace = namespaceKey === undefined ? undefined : textOf(live.metadata[field], namespaceKey)
    return `${system} ${namespace === undefined ? found : `${namespace}/${found}`}`
  }
  return undefined
}

const foreignMarks: readonly {
  readonly system: string
  readonly field: "labels" | "annotations"
  readonly key: string
  readonly namespaceKey?: string
}[] = [
  {
    system: "Flux Kustomization",
    field: "labels",
    key: "kustomize.toolkit.fluxcd.io/name",
    namespaceKey: "kustomize.toolkit.fluxcd.io/namespace",
  },
  {
    system: "Flux HelmRelease",
    field: "labels",
    key: "helm.toolkit.fluxcd.io/name",
    namespaceKey: "helm.toolkit.fluxcd.io/namespace",
  },
  { system: "Argo CD application", field: "annotations", key: "argocd.argoproj.io/tracking-id" },
  {
    system: "Helm release",
    field: "annotations",
    key: "meta.helm.sh/release-name",
    namespaceKey: "meta.helm.sh/release-namespace",
  },
]

function isSameOwner(mark: OwnerMark, owner: Owner): boolean {
  if (mark.uid === undefined) {
    return mark.name === labelValue(owner.name) && mark.namespace === labelValue(owner.namespace ?? "")
  }
  if (mark.uid === owner.uid) return true
  return mark.kind === kindText(owner) && mark.name === owner.name && mark.namespace === (owner.namespace ?? "")
}

function ownerText(owner: Owner): string {
  return `${kindText(owner)}/${owner.namespace ?? ""}/${owner.name}/${owner.uid}`
}

function kindText({ apiVersion = "", kind = "" }: Owner): string {
  const group = groupOf(apiVersion)
  return group === "" ? kind : `${kind}.${group}`
}

/** Labels hold 63 characters, names of objects 253. */
function labelValue(text: string): string {
  if (text.length <= 63) return text
  const hash = digestBytes(text).slice("sha256:".length, "sha256:".length + 10)
  return `${text.slice(0, 52).replace(/[^A-Za-z0-9]+$/, "")}-${hash}`
}

function textOf(map: StringMap | undefined, key: string): string | undefined {
  if (typeof map !== "object" || map === null || !Object.hasOwn(map, key)) return undefined
  const value: unknown = map[key]
  return typeof value === "string" && value !== "" ? value : undefined
}
