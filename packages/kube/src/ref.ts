import type { KubeObject } from "./object.ts"

/** A kind of object: `{ apiVersion: "apps/v1", kind: "Deployment" }`. */
export interface KindRef {
  readonly apiVersion: string
  readonly kind: string
}

/** The identity of one object. `namespace` is absent for cluster-scoped objects. */
export interface ObjectRef extends KindRef {
  readonly namespace?: string
  readonly name: string
}

/**
 * The identity of `object`; a missing name becomes the empty string.
 *
 * @example
 * refOf({ apiVersion: "v1", kind: "Node", metadata: { name: "a" } })   // { apiVersion: "v1", kind: "Node", name: "a" }
 */
export function refOf(object: KubeObject): ObjectRef {
  const { apiVersion, kind, metadata } = object
  const name = metadata.name ?? ""
  return metadata.namespace ? { apiVersion, kind, namespace: metadata.namespace, name } : { apiVersion, kind, name }
}

/**
 * The group of an `apiVersion`; empty for the core group.
 *
 * @example
 * groupOf("apps/v1")   // "apps"
 * groupOf("v1")   // ""
 */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf("/")
  return slash < 0 ? "" : apiVersion.slice(0, slash)
}

/**
 * The version of an `apiVersion`, without its group.
 *
 * @example
 * versionOf("apps/v1")   // "v1"
 */
export function versionOf(apiVersion: string): string {
  return apiVersion.slice(apiVersion.indexOf("/") + 1)
}

/**
 * The reverse of `groupOf` and `versionOf`: `apps` and `v1` give `apps/v1`, the core group gives `v1`.
 *
 * @example
 * joinApiVersion("apps", "v1")   // "apps/v1"
 * joinApiVersion("", "v1")   // "v1"
 */
export function joinApiVersion(group: string, version: string): string {
  return group === "" ? version : `${group}/${version}`
}

/**
 * A reference for people: `Deployment/prod/web`, `Namespace/prod`.
 *
 * @example
 * formatRef({ apiVersion: "apps/v1", kind: "Deployment", namespace: "prod", name: "web" })   // "Deployment/prod/web"
 */
export function formatRef(ref: ObjectRef): string {
  return ref.namespace ? `${ref.kind}/${ref.namespace}/${ref.name}` : `${ref.kind}/${ref.name}`
}

/**
 * A text that is equal for two references exactly when they name the same object: group, kind, namespace and name.
 * The version does not count, since one object is served under all versions of its group.
 *
 * @example
 * keyOf({ apiVersion: "apps/v1", kind: "Deployment", namespace: "prod", name: "web" })   // "apps/Deployment/prod/web"
 * keyOf({ apiVersion: "v1", kind: "Namespace", name: "prod" })   // "/Namespace//prod"
 */
export function keyOf(ref: ObjectRef): string {
  return `${groupOf(ref.apiVersion)}/${ref.kind}/${ref.namespace ?? ""}/${ref.name}`
}

/**
 * A text that is equal for two kinds of the same group and kind; the version does not count.
 *
 * @example
 * kindKeyOf({ apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler" })   // "autoscaling/HorizontalPodAutoscaler"
 */
export function kindKeyOf(kind: KindRef): string {
  return `${groupOf(kind.apiVersion)}/${kind.kind}`
}

/**
 * True when both references name the same object (the version does not count).
 *
 * @example
 * const web = { kind: "HorizontalPodAutoscaler", namespace: "prod", name: "web" }
 * sameRef({ apiVersion: "autoscaling/v1", ...web }, { apiVersion: "autoscaling/v2", ...web })   // true
 */
export function sameRef(a: ObjectRef, b: ObjectRef): boolean {
  return keyOf(a) === keyOf(b)
}
