import type { KubeObject } from "@gitops-toolkit/kube"
import { type Resource, relabelled } from "../resource.ts"
import { withSchemaDefaults } from "./defaults.ts"
import type { CustomVersion } from "./definition.ts"
import { pruned } from "./prune.ts"

const views = new WeakMap<CustomVersion, WeakMap<KubeObject, KubeObject>>()

/**
 * A stored custom object as one version shows it: with the defaults of the stored version, relabelled, and pruned by
 * the version's own schema.
 */
export function viewCustom(object: KubeObject, resource: Resource): KubeObject {
  const custom = resource.custom!
  let seen = views.get(custom)
  if (!seen) views.set(custom, (seen = new WeakMap()))
  let view = seen.get(object)
  if (!view) {
    const { schema, storedSchema, preserveUnknown } = custom
    const known = storedSchema && !preserveUnknown ? pruned(object, storedSchema).value : object
    const whole = storedSchema ? withSchemaDefaults(known, storedSchema) : known
    const kept = schema && schema !== storedSchema && !preserveUnknown ? pruned(whole, schema).value : whole
    view = relabelled(kept as KubeObject, resource)
    seen.set(object, view)
  }
  return view
}
