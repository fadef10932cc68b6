import { type KubeObject, printQuantity } from "@gitops-toolkit/kube"
import type { Step } from "../step.ts"
import { type QuotaSpec, usageOf } from "../usage.ts"

/** Sums up what a quota limits. */
export const stepQuota: Step = (object, view) => {
  const spec = (object.spec ?? {}) as QuotaSpec
  const used = usageOf(spec, (table) => view.list(table, object.metadata.namespace))
  const printed = Object.fromEntries(Object.entries(used).map(([name, value]) => [name, printQuantity(value)]))
  const status = { hard: spec.hard ?? {}, used: printed }
  return [{ type: "status", object: { ...object, status } as KubeObject }]
}
