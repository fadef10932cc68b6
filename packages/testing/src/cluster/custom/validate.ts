import type { KubeObject } from "@gitops-toolkit/kube"
import type { Cause } from "../answer.ts"
import type { Resource } from "../resource.ts"

/** What is wrong with a custom object by its definition. */
export function validateCustom(
  object: KubeObject,
  options: { readonly resource: Resource; readonly previous?: KubeObject | undefined; readonly subresource: string },
): readonly Cause[] {
  void object
  void options
  return []
}
