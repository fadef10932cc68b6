import type { KubeObject } from "@gitops-toolkit/kube"
import type { Cause } from "../answer.ts"
import type { Resource } from "../resource.ts"
import { schemaCauses, structureCauses } from "./check-value.ts"

/** What is wrong with a custom object by its definition. */
export function validateCustom(
  object: KubeObject,
  {
    resource,
    previous,
    subresource,
  }: { readonly resource: Resource; readonly previous?: KubeObject | undefined; readonly subresource: string },
): readonly Cause[] {
  const schema = resource.custom?.schema
  if (!schema) return []
  // A write to /status is checked from the status on: messages name its fields without it.
  if (subresource === "status") {
    const status = schema.properties?.["status"]
    if (!status || object.status === undefined) return []
    return schemaCauses(object.status, status, { place: { field: "status", name: "" }, previous: previous?.status })
  }
  return [
    ...schemaCauses(object, schema, { place: { field: "", name: "" }, previous }),
    ...structureCauses(object, schema, ""),
  ]
}
