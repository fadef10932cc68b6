import type { KubeObject } from "@gitops-toolkit/kube"
import { usage } from "../usage.ts"
import type { Step } from "../step.ts"

/** Counts what a quota limits. */
export const stepQuota: Step = (object, view) => {
  const { hard = {} } = (object.spec ?? {}) as { readonly hard?: { readonly [name: string]: string } }
  const list = (table: string): readonly KubeObject[] => view.list(table, object.metadata.namespace)
  const counted = Object.keys(hard).flatMap((name) => {
    const used = usage(name, list)
    return used === undefined ? [] : [[name, used] as const]
  })
  return [{ type: "status", object: { ...object, status: { hard, used: Object.fromEntries(counted) } } as KubeObject }]
}
