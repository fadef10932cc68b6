import type { KubeObject } from "@gitops-toolkit/kube"
import type { Action, View } from "../step.ts"

/** What a controller says of `about`: `tell("job-controller", job, "Completed", "Job completed")`. */
export type Teller = (reason: string, message: string, options?: { readonly isWarning?: boolean }) => Action

/** How `by` tells of an object. */
export function teller(by: string, about: KubeObject): Teller {
  return (reason, message, options = {}) => ({ type: "tell", notice: { by, about, reason, message, ...options } })
}

const retryMs = 10_000

/** Makes a Pod and tells of it; what is refused is told too, then `otherwise` is done, and it is tried again later. */
export function createPod(
  pod: KubeObject,
  tell: Teller,
  { view, otherwise = () => [] }: { readonly view: View; readonly otherwise?: (message: string) => readonly Action[] },
): Action {
  return {
    type: "create",
    object: pod,
    made: ({ metadata }) => [tell("SuccessfulCreate", `Created pod: ${metadata.name}`)],
    refused: (message) => [
      tell("FailedCreate", `Error creating: ${message}`, { isWarning: true }),
      ...otherwise(message),
      { type: "wake", atMs: view.nowMs + retryMs },
    ],
  }
}

/** Deletes a Pod and tells of it. */
export function deletePod(pod: KubeObject, tell: Teller): readonly Action[] {
  return [{ type: "delete", object: pod }, tell("SuccessfulDelete", `Deleted pod: ${pod.metadata.name}`)]
}
