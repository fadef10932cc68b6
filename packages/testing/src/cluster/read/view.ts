import type { KubeObject } from "@gitops-toolkit/kube"
import { viewCustom } from "../custom/view.ts"
import { convert } from "../kinds/convert.ts"
import { type Resource, relabelled } from "../resource.ts"

/** A stored object as `resource` shows it: in its version, a custom one with the version's defaults. */
export function viewOf(object: KubeObject, resource: Resource): KubeObject {
  if (resource.custom) return viewCustom(object, resource)
  return object.apiVersion === resource.apiVersion ? object : relabelled(convert(object, resource.apiVersion), resource)
}
