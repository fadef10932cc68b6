// What the server accepts of built-in kinds beyond their metadata. A kind's rule is a table of its fields in the order in
// which the server tells faults; `rule.ts` has the words of the tables, `terms.ts` those of texts, numbers and amounts.
//
// To add a rule: find the server's own (`pkg/apis/GROUP/validation` of kubernetes), say it where the kind's table has the
// field, and add a line to the cases of its kind in `cases/`; `cases.test.ts` says how the real server writes the answer
// below it. What only an update must keep goes beside what must always hold.
import type { KubeObject } from "@gitops-toolkit/kube"
import type { Cause } from "../answer.ts"
import type { Resource } from "../resource.ts"
import { controllerRevision, daemonSet, deployment, replicaSet, statefulSet } from "./apps.ts"
import { autoscaler } from "./autoscaler.ts"
import { cronJob, job } from "./batch.ts"
import { claim } from "./claim.ts"
import { configMap, secret } from "./config.ts"
import { endpoints, endpointSlice } from "./endpoints.ts"
import { event, lease } from "./events.ts"
import { limitRange, quota } from "./limits.ts"
import { ingress, ingressClass, networkPolicy } from "./network.ts"
import { podDebugging, podResize } from "./pod/parts.ts"
import { pod } from "./pod/pod.ts"
import { budget, finalizedNamespace, namespace, priorityClass, runtimeClass } from "./policy.ts"
import { clusterRole, clusterRoleBinding, role, roleBinding } from "./rbac.ts"
import { service } from "./service.ts"
import { statusRules } from "./status.ts"
import { storageClass, volume } from "./storage.ts"
import { createWalk, type Rule } from "./walk.ts"

/** What a validator is told besides the object. */
export interface ValidationContext {
  readonly operation: "create" | "update"
  /** `status`, `scale`, …; empty for the object itself. */
  readonly subresource: string
}

const rules: { readonly [table: string]: Rule } = {
  "clusterrolebindings.rbac.authorization.k8s.io": clusterRoleBinding,
  "clusterroles.rbac.authorization.k8s.io": clusterRole,
  configmaps: configMap,
  "controllerrevisions.apps": controllerRevision,
  "cronjobs.batch": cronJob,
  "daemonsets.apps": daemonSet,
  "deployments.apps": deployment,
  endpoints,
  "endpointslices.discovery.k8s.io": endpointSlice,
  events: event,
  "horizontalpodautoscalers.autoscaling": autoscaler,
  "ingressclasses.networking.k8s.io": ingressClass,
  "ingresses.networking.k8s.io": ingress,
  "jobs.batch": job,
  "leases.coordination.k8s.io": lease,
  limitranges: limitRange,
  namespaces: namespace,
  "networkpolicies.networking.k8s.io": networkPolicy,
  persistentvolumeclaims: claim,
  persistentvolumes: volume,
  "poddisruptionbudgets.policy": budget,
  pods: pod,
  "priorityclasses.scheduling.k8s.io": priorityClass,
  "replicasets.apps": replicaSet,
  resourcequotas: quota,
  "rolebindings.rbac.authorization.k8s.io": roleBinding,
  "roles.rbac.authorization.k8s.io": role,
  "runtimeclasses.node.k8s.io": runtimeClass,
  secrets: secret,
  services: service,
  "statefulsets.apps": statefulSet,
  "storageclasses.storage.k8s.io": storageClass,
}

const partRules: { readonly [subresource: string]: { readonly [table: string]: Rule } } = {
  ephemeralcontainers: { pods: podDebugging },
  finalize: { namespaces: finalizedNamespace },
  resize: { pods: podResize },
  status: statusRules,
}

/** What is wrong with a built-in object beyond its metadata; empty for kinds without rules here. */
export function validate(
  resource: Resource,
  object: KubeObject,
  { subresource, previous }: ValidationContext & { readonly previous?: KubeObject | undefined },
): readonly Cause[] {
  const table = Object.hasOwn(partRules, subresource) ? partRules[subresource]! : rules
  if (!Object.hasOwn(table, resource.table)) return []
  const walk = createWalk(previous)
  table[resource.table]!(object, walk)
  return walk.causes
}
