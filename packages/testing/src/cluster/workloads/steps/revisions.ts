import { equalJson, type KubeObject } from "@gitops-toolkit/kube"
import type { PodTemplate } from "../shapes.ts"
import type { Action, View } from "../step.ts"
import { revisionOf, templateHash } from "../template.ts"

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

/** The revision of the current template: made when it is missing, the newest again when it was left. */
export function updateRevision(
  owner: KubeObject,
  template: PodTemplate,
  view: View,
): { readonly name: string; readonly hash: string; readonly actions: readonly Action[] } {
  const all = revisionsOf(owner, view)
  const newest = all.at(-1)?.revision ?? 0
  const hash = templateHash(template)
  const object = revisionOf(owner, template, { hash, revision: newest + 1 }) as Revision
  const found = all.findLast(({ data }) => equalJson(data, object.data))
  const name = (found ?? object).metadata.name!
  const done = { name, hash: name.slice(owner.metadata.name!.length + 1) }
  if (!found) return { ...done, actions: [{ type: "create", object }] }
  if (found.revision === newest) return { ...done, actions: [] }
  return { ...done, actions: [{ type: "store", object: { ...found, revision: newest + 1 } as KubeObject }] }
}

/** Deletes the oldest revisions that are not `live`, beyond `revisionHistoryLimit`. */
export function forgetRevisions(owner: KubeObject, live: ReadonlySet<string>, view: View): readonly Action[] {
  const { revisionHistoryLimit: limit = 10 } = owner.spec as { readonly revisionHistoryLimit?: number }
  const past = revisionsOf(owner, view).filter(({ metadata }) => !live.has(metadata.name!))
  return past.slice(0, Math.max(0, past.length - limit)).map((object) => ({ type: "delete", object }))
}
