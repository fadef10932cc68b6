import type { KubeObject } from "@gitops-toolkit/kube"
import { isLeaving } from "../shapes.ts"
import type { Action, Step } from "../step.ts"

/** What every namespace has: the account of its Pods, and the certificate of the API. */
export const stepNamespace: Step = (object, view) => {
  if (isLeaving(object)) return []
  const namespace = object.metadata.name!
  const account: KubeObject = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace } }
  const certificate = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: "kube-root-ca.crt",
      namespace,
      annotations: {
        "kubernetes.io/description":
          "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.",
      },
    },
    data: { "ca.crt": "" },
  }
  const actions: Action[] = []
  if (!view.get("serviceaccounts", namespace, "default")) actions.push({ type: "create", object: account })
  if (!view.get("configmaps", namespace, "kube-root-ca.crt")) actions.push({ type: "create", object: certificate })
  return actions
}
