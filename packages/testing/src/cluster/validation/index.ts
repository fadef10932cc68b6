import type { KubeObject } from "@gitops-toolkit/kube"
import type { Cause } from "../answer.ts"
import type { Resource } from "../resource.ts"
import { cronJobRules, jobRules } from "../kinds/rules/batch.ts"
import { mapOf } from "../kinds/rules/causes.ts"
import { bindingRules, configMapRules, roleRules, secretRules } from "../kinds/rules/config.ts"
import {
  autoscalerRules,
  budgetRules,
  claimRules,
  eventRules,
  ingressRules,
  networkPolicyRules,
} from "../kinds/rules/others.ts"
import { leaseRules, limitRangeRules } from "../kinds/rules/limits.ts"
import { podSpecCauses, podUpdateCauses } from "../kinds/rules/pod.ts"
import {
  controllerRevisionRules,
  endpointSliceRules,
  ingressClassRules,
  priorityClassRules,
  runtimeClassRules,
  serviceDetailRules,
  statefulSetDetailRules,
  storageClassRules,
} from "../kinds/rules/platform.ts"
import { serviceRules } from "../kinds/rules/service.ts"
import {
  daemonSetRules,
  deploymentRules,
  deploymentStatusRules,
  replicaSetRules,
  type Rule,
  statefulSetRules,
} from "../kinds/rules/workloads.ts"

/** What a validator is told besides the object. */
export interface ValidationContext {
  readonly operation: "create" | "update"
  /** `status`, `scale`, …; empty for the object itself. */
  readonly subresource: string
}

const podRules: Rule = (object, previous) =>
  previous ? podUpdateCauses(mapOf(object.spec), mapOf(previous.spec)) : podSpecCauses(mapOf(object.spec), "spec")

function both(first: Rule, second: Rule): Rule {
  return (object, previous) => [...first(object, previous), ...second(object, previous)]
}

// For whoever writes this folder: the rules of these kinds are in kinds/rules until they are replaced from here.
const rules: { readonly [table: string]: Rule } = {
  "clusterrolebindings.rbac.authorization.k8s.io": bindingRules(["ClusterRole"]),
  "clusterroles.rbac.authorization.k8s.io": roleRules,
  configmaps: configMapRules,
  "cronjobs.batch": cronJobRules,
  "daemonsets.apps": daemonSetRules,
  "deployments.apps": deploymentRules,
  events: eventRules,
  "leases.coordination.k8s.io": leaseRules,
  limitranges: limitRangeRules,
  "horizontalpodautoscalers.autoscaling": autoscalerRules,
  "ingresses.networking.k8s.io": ingressRules,
  "jobs.batch": jobRules,
  "networkpolicies.networking.k8s.io": networkPolicyRules,
  persistentvolumeclaims: claimRules,
  "poddisruptionbudgets.policy": budgetRules,
  pods: podRules,
  "replicasets.apps": replicaSetRules,
  "rolebindings.rbac.authorization.k8s.io": bindingRules(["Role", "ClusterRole"]),
  "roles.rbac.authorization.k8s.io": roleRules,
  secrets: secretRules,
  "controllerrevisions.apps": controllerRevisionRules,
  "endpointslices.discovery.k8s.io": endpointSliceRules,
  "ingressclasses.networking.k8s.io": ingressClassRules,
  "priorityclasses.scheduling.k8s.io": priorityClassRules,
  "runtimeclasses.node.k8s.io": runtimeClassRules,
  services: both(serviceRules, serviceDetailRules),
  "statefulsets.apps": both(statefulSetDetailRules, statefulSetRules),
  "storageclasses.storage.k8s.io": storageClassRules,
}

const statusRules: { readonly [table: string]: Rule } = { "deployments.apps": deploymentStatusRules }

/** What is wrong with a built-in object beyond its metadata; empty for kinds without rules here. */
export function validate(
  resource: Resource,
  object: KubeObject,
  { subresource, previous }: ValidationContext & { readonly previous?: KubeObject | undefined },
): readonly Cause[] {
  const table = subresource === "status" ? statusRules : rules
  return Object.hasOwn(table, resource.table) ? table[resource.table]!(object, previous) : []
}
