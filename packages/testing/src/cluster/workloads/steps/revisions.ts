import { equalJson, type KubeObject } from "@gitops-toolkit/kube"
import type { PodTemplate } from "../shapes.ts"
import type { Action, View } from "../step.ts"
import { revisionOf } from "../template.ts"

/** A ControllerRevision. */
export interface Revision extends KubeObject {
  readonly revision?: number
  readonly data?: { readonly spec?: { readonly template?: PodTemplate } }
}

/** The revisions of a workload, oldest first. */
export function revisionsOf(owner: KubeObject, view: View): Revision[] {
  const all = view.controlledBy(owner.metadata.uid!, "controllerrevisions.apps") as Revision[]
  return all.toSorted((a, b) => (a.revision ?? 0) - (b.revision ?? 0))
}

/** Makes the revision of the current template, or makes it the newest one. */
export function ensureRevision(
  owner: KubeObject,
  template: PodTemplate,
  { hash, view }: { readonly hash: string; readonly view: View },
): readonly Action[] {
  const all = revisionsOf(owner, view)
  const newest = all.at(-1)?.revision ?? 0
  const object = revisionOf(owner, template, { hash, revision: newest + 1 }) as Revision
  const known = all.find(({ metadata }) => metadata.name === object.metadata.name)
  if (!known) return [{ type: "create", object }]
  if (known.revision === newest || !equalJson(known.data, object.data)) return []
  return [{ type: "store", object: { ...known, revision: newest + 1 } as KubeObject }]
}
