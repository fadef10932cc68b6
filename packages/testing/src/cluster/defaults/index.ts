import type { KubeObject } from "@gitops-toolkit/kube"
import type { Resource } from "../resource.ts"
import type { Fill, Members } from "./fill.ts"
import {
  autoscaler,
  claim,
  endpoints,
  endpointSlice,
  ingressClass,
  limitRange,
  namespace,
  networkPolicy,
  priorityClass,
  roleBinding,
  secret,
  service,
  storageClass,
  volume,
  webhooks,
} from "./others.ts"
import { pod, podTemplate } from "./pod.ts"
import { cronJob, daemonSet, deployment, job, replicaSet, replicationController, statefulSet } from "./workloads.ts"
import { within } from "./fill.ts"

const admission = "admissionregistration.k8s.io"

const defaulters: { readonly [table: string]: Fill } = {
  "clusterrolebindings.rbac.authorization.k8s.io": roleBinding,
  "cronjobs.batch": cronJob,
  "daemonsets.apps": daemonSet,
  "deployments.apps": deployment,
  endpoints,
  "endpointslices.discovery.k8s.io": endpointSlice,
  "horizontalpodautoscalers.autoscaling": autoscaler,
  "ingressclasses.networking.k8s.io": ingressClass,
  "jobs.batch": job,
  limitranges: limitRange,
  [`mutatingwebhookconfigurations.${admission}`]: webhooks(10, { reinvocationPolicy: "Never" }),
  namespaces: namespace,
  "networkpolicies.networking.k8s.io": networkPolicy,
  persistentvolumeclaims: claim,
  persistentvolumes: volume,
  pods: pod,
  podtemplates: (object) => within(object, "template", podTemplate),
  "priorityclasses.scheduling.k8s.io": priorityClass,
  "replicasets.apps": replicaSet,
  replicationcontrollers: replicationController,
  "rolebindings.rbac.authorization.k8s.io": roleBinding,
  secrets: secret,
  services: service,
  "statefulsets.apps": statefulSet,
  "storageclasses.storage.k8s.io": storageClass,
  [`validatingwebhookconfigurations.${admission}`]: webhooks(10, {}),
}

/** A built-in object with the defaults of its kind; `object` itself when it lacks none. */
export function withDefaults(resource: Resource, object: KubeObject): KubeObject {
  const defaulter = Object.hasOwn(defaulters, resource.table) ? defaulters[resource.table] : undefined
  return defaulter ? (defaulter(object as Members) as KubeObject) : object
}
