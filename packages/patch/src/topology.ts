import type { KindRef } from "@gitops-toolkit/kube"
import { builtInKinds, builtInTopology } from "./topology/built-in.ts"
import { emptyStruct } from "./topology/empty.ts"
import type { Topology } from "./topology/types.ts"

export { topologyOfSchema, type SchemaOptions } from "./topology/custom-resource.ts"
export { deducedTopology } from "./topology/deduced.ts"
export { createTopologies, type JsonSchema, type Topologies } from "./topology/from-schema.ts"
export type { ScalarKind, ListTopology, MapTopology, PatchMeta, Topology } from "./topology/types.ts"

/**
 * The topology of a kind that Kubernetes itself serves (1.36), or undefined for any other. Always the same object
 * for the same kind. Source: the `x-kubernetes-*` extensions of kube-apiserver's OpenAPI v3.
 *
 * @example
 * topologyOf({ apiVersion: "v1", kind: "Service" })?.map?.fields.get("spec")?.map?.fields.get("ports")?.list?.keys
 * // ["port", "protocol"]
 */
export function topologyOf(kind: KindRef): Topology | undefined {
  return builtInTopology(kind)
}

/**
 * What an empty object of a built-in kind looks like on the server before anything is set: structs that are no
 * pointers are there, lists and pointers that are always written are null. Creating an object does not give its
 * creator these, only what is in them.
 *
 * @example
 * emptyObjectOf(topologyOf({ apiVersion: "apps/v1", kind: "Deployment" })!)   // { metadata: {}, spec: { selector: null, … }, status: {} }
 */
export function emptyObjectOf(topology: Topology): { readonly [name: string]: unknown } {
  return emptyStruct(topology)
}

/**
 * Every kind that `topologyOf` knows, sorted by apiVersion and kind.
 *
 * @example
 * knownKinds().some(({ apiVersion, kind }) => apiVersion === "apps/v1" && kind === "Deployment")   // true
 */
export function knownKinds(): readonly KindRef[] {
  return builtInKinds()
}
