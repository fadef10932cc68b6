import type { Subresource } from "../resource.ts"

/** The sub-resources of a custom resource's version. */
export function deducedSubresources(options: {
  readonly status: Subresource["responseKind"] | undefined
  readonly scale: boolean
}): Subresource[] {
  const verbs = ["get", "patch", "update"]
  const list: Subresource[] = []
  if (options.status) list.push({ name: "status", verbs, responseKind: options.status })
  if (options.scale)
    list.push({ name: "scale", verbs, responseKind: { group: "autoscaling", version: "v1", kind: "Scale" } })
  return list
}
