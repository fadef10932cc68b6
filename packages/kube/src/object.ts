/** Labels or annotations: names to values. */
export type StringMap = { readonly [name: string]: string }

/** One entry of `metadata.ownerReferences`. */
export interface OwnerReference {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly uid: string
  readonly controller?: boolean
  readonly blockOwnerDeletion?: boolean
}

/** One entry of `metadata.managedFields`: who set which fields, and how. */
export interface ManagedFieldsEntry {
  readonly manager?: string
  readonly operation?: "Apply" | "Update"
  readonly apiVersion?: string
  readonly time?: string
  readonly fieldsType?: string
  readonly fieldsV1?: { readonly [path: string]: unknown }
  readonly subresource?: string
}

/** The `metadata` of an object, exactly as the server writes it: times are text, unknown fields are kept. */
export interface ObjectMeta {
  readonly name?: string
  readonly generateName?: string
  readonly namespace?: string
  readonly uid?: string
  readonly resourceVersion?: string
  readonly generation?: number
  readonly creationTimestamp?: string | null
  readonly deletionTimestamp?: string
  readonly deletionGracePeriodSeconds?: number
  readonly labels?: StringMap
  readonly annotations?: StringMap
  readonly ownerReferences?: readonly OwnerReference[]
  readonly finalizers?: readonly string[]
  readonly managedFields?: readonly ManagedFieldsEntry[]
}

/**
 * A Kubernetes object as the server's JSON: never a class instance, never a `Date`, unknown fields kept.
 * Fields beside `spec` and `status` (a ConfigMap's `data`, a Role's `rules`) are there too; read them by index.
 *
 * @example
 * const settings: KubeObject = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, data: { k: "v" } }
 */
export interface KubeObject<Spec = unknown, Status = unknown> {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: ObjectMeta
  readonly spec?: Spec
  readonly status?: Status
  readonly [field: string]: unknown
}

/**
 * True when `value` has the shape that every object needs: `apiVersion`, `kind` and a `metadata` map.
 *
 * @example
 * isKubeObject({ apiVersion: "v1", kind: "Namespace", metadata: { name: "prod" } })   // true
 * isKubeObject({ kind: "Namespace" })   // false
 */
export function isKubeObject(value: unknown): value is KubeObject {
  if (typeof value !== "object" || value === null) return false
  const { apiVersion, kind, metadata } = value as Partial<Record<"apiVersion" | "kind" | "metadata", unknown>>
  const isMap = typeof metadata === "object" && metadata !== null && !Array.isArray(metadata)
  return typeof apiVersion === "string" && typeof kind === "string" && isMap
}
