import type { KubeObject } from "@gitops-toolkit/kube"
import type { Resource } from "../resource.ts"

/** Fills in what one kind's server defaults; shares what needs none. */
export type Defaulter = (object: KubeObject) => KubeObject

const defaulters: { readonly [table: string]: Defaulter } = {}

/** A built-in object with the defaults of its kind; `object` itself for kinds without defaults here. */
export function withDefaults(resource: Resource, object: KubeObject): KubeObject {
  const defaulter = Object.hasOwn(defaulters, resource.table) ? defaulters[resource.table] : undefined
  return defaulter ? defaulter(object) : object
}
