import { groupOf, type KubeObject } from "@gitops-toolkit/kube"
import { builtInChecks } from "./argo/index.ts"
import { argo, type ArgoHealth, type ArgoStatus } from "./argo/verdict.ts"
import { listAt, textAt } from "./read.ts"

export type { ArgoHealth, ArgoStatus } from "./argo/verdict.ts"

const hookFinalizer = "argocd.argoproj.io/hook-finalizer"

/**
 * The health of `object` in Argo CD's words, by its built-in checks (those in Go; not the customisations in Lua).
 * Undefined for a kind without a check: that is no health at all, and counts nowhere. A known kind in an unknown version
 * is `Unknown`, as there. Pure; never throws.
 *
 * @example
 * assessArgo({ apiVersion: "v1", kind: "Service", metadata: { name: "a" } })   // { status: "Healthy", message: "" }
 */
export function assessArgo(object: KubeObject): ArgoHealth | undefined {
  const isDeleted = textAt(object, "metadata", "deletionTimestamp") !== ""
  if (isDeleted && !listAt(object, "metadata", "finalizers").includes(hookFinalizer)) {
    return argo("Progressing", "Pending deletion")
  }
  const check = builtInChecks.get(`${groupOf(object.apiVersion)}/${object.kind}`)
  if (check === undefined) return undefined
  if (check.versions && !check.versions.includes(object.apiVersion)) {
    return argo("Unknown", `unsupported ${check.name ?? object.kind} GVK: ${object.apiVersion}, Kind=${object.kind}`)
  }
  return check.assess(object)
}

const order: readonly ArgoStatus[] = ["Healthy", "Suspended", "Progressing", "Missing", "Degraded", "Unknown"]

/**
 * The health of an application: the worst of its parts, those without a health left out. `Healthy` when there are none.
 *
 * @example
 * summarizeArgo([{ status: "Healthy" }, undefined, { status: "Progressing" }])   // "Progressing"
 */
export function summarizeArgo(healths: Iterable<{ readonly status: ArgoStatus } | undefined>): ArgoStatus {
  let worst = 0
  for (const health of healths) if (health) worst = Math.max(worst, order.indexOf(health.status))
  return order[worst] ?? "Unknown"
}
