import type { KubeObject } from "@gitops-toolkit/kube"
import { type Resource, relabelled } from "../resource.ts"
import { withSchemaDefaults } from "./defaults.ts"
import type { Schema } from "./definition.ts"
import { pruned } from "./prune.ts"

const views = new WeakMap<Schema, WeakMap<KubeObject, KubeObject>>()

/** A stored custom object as one version shows it: relabelled, pruned and defaulted by that version's schema. */
export function viewCustom(object: KubeObject, resource: Resource): KubeObject {
  const schema = resource.custom?.schema
  if (!schema) return relabelled(object, resource)
  let known = views.get(schema)
  if (!known) views.set(schema, (known = new WeakMap()))
  let view = known.get(object)
  if (!view) {
    const kept = resource.custom.preserveUnknown ? object : (pruned(object, schema).value as KubeObject)
    view = relabelled(withSchemaDefaults(kept, schema) as KubeObject, resource)
    known.set(object, view)
  }
  return view
}
