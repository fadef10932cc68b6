import type { KubeObject } from "@gitops-toolkit/kube"
import type { Resource } from "../resource.ts"
import type { Filler } from "./fill.ts"
import * as network from "./network.ts"
import * as others from "./others.ts"
import { pod } from "./pod.ts"
import * as workloads from "./workloads.ts"

/** By the store's table; a kind that is not here has no defaults, or none that are modelled. */
const fillers: ReadonlyMap<string, Filler> = new Map([
  ["pods", pod],
  ["deployments.apps", workloads.deployment],
  ["replicasets.apps", workloads.replicaSet],
  ["replicationcontrollers", workloads.replicationController],
  ["statefulsets.apps", workloads.statefulSet],
  ["daemonsets.apps", workloads.daemonSet],
  ["jobs.batch", workloads.job],
  ["cronjobs.batch", workloads.cronJob],
  ["services", network.service],
  ["endpoints", network.endpoints],
  ["endpointslices.discovery.k8s.io", network.endpointSlice],
  ["networkpolicies.networking.k8s.io", network.networkPolicy],
  ["ingressclasses.networking.k8s.io", network.ingressClass],
  ["limitranges", network.limitRange],
  ["secrets", others.secret],
  ["namespaces", others.namespace],
  ["persistentvolumeclaims", others.claim],
  ["persistentvolumes", others.volume],
  ["storageclasses.storage.k8s.io", others.storageClass],
  ["rolebindings.rbac.authorization.k8s.io", others.roleBinding],
  ["clusterrolebindings.rbac.authorization.k8s.io", others.roleBinding],
  ["horizontalpodautoscalers.autoscaling", others.horizontalPodAutoscaler],
  ["priorityclasses.scheduling.k8s.io", others.priorityClass],
  ["validatingwebhookconfigurations.admissionregistration.k8s.io", others.validatingWebhooks],
  ["mutatingwebhookconfigurations.admissionregistration.k8s.io", others.mutatingWebhooks],
  ["csidrivers.storage.k8s.io", others.csiDriver],
])

/**
 * A built-in object with the defaults of its kind; `object` itself for kinds without defaults here. Source of the rules:
 * the defaulting functions of Kubernetes 1.36, checked by the recorded cases.
 */
export function withDefaults(resource: Resource, object: KubeObject): KubeObject {
  const filler = fillers.get(resource.table)
  return filler ? (filler(object) as KubeObject) : object
}
