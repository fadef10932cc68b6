import type { KubeObject } from "@gitops-toolkit/kube"
import type { Cause } from "../answer.ts"
import type { Resource } from "../resource.ts"
import { cronJobRules, jobRules } from "../kinds/rules/batch.ts"
import { invalid, listOf, mapOf, type Members } from "../kinds/rules/causes.ts"
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
import { podSpecCauses } from "../kinds/rules/pod.ts"
import { podUpdateCauses } from "../kinds/rules/pod-update.ts"
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

import { autoscalerDetails } from "./autoscaler.ts"
import { endpointSubsets, sliceDetails } from "./endpoints.ts"
import { ingressClassParameters, ingressDetails, policyDetails } from "./network.ts"
import { aggregation, budgetDetails, limitDetails, namespaceFinalizers, priorityUpdate, quotaSpec } from "./policy.ts"
import { at, type Spot } from "./spot.ts"
import { claimDetails, classDetails, volumeSpec } from "./storage.ts"

/** What a validator is told besides the object. */
export interface ValidationContext {
  readonly operation: "create" | "update"
  /** `status`, `scale`, …; empty for the object itself. */
  readonly subresource: string
}

const podRules: Rule = (object, previous) => {
  const spec = mapOf(object.spec)
  const causes = [...podSpecCauses(spec, "spec"), ...paddedImages(spec)]
  return previous ? [...causes, ...podUpdateCauses(spec, mapOf(previous.spec))] : causes
}

/** Templates may have them, for the sake of what is stored already. */
function paddedImages(spec: Members): Cause[] {
  return ["containers", "initContainers"].flatMap((list) =>
    listOf(spec[list]).flatMap(({ image }, index) =>
      typeof image !== "string" || image === image.trim()
        ? []
        : [invalid(`spec.${list}[${index}].image`, image, "must not have leading or trailing whitespace")],
    ),
  )
}

/** A rule on the whole object, with the one before when it is updated. */
const on =
  (path: string, check: (spot: Spot, before: unknown) => void): Rule =>
  (object, previous) => {
    const causes: Cause[] = []
    const root = { value: object, field: "", causes }
    const before = previous && (path === "" ? previous : at({ ...root, value: previous }, path).value)
    check(path === "" ? root : at(root, path), before)
    return causes
  }

const all =
  (...rules: readonly Rule[]): Rule =>
  (object, previous) =>
    rules.flatMap((rule) => rule(object, previous))

// Rules written as lists of causes; the newer ones walk places (`on`).
const rules: { readonly [table: string]: Rule } = {
  "clusterrolebindings.rbac.authorization.k8s.io": bindingRules(["ClusterRole"]),
  "clusterroles.rbac.authorization.k8s.io": all(roleRules, on("aggregationRule", aggregation)),
  endpoints: on("subsets", endpointSubsets),
  namespaces: on("spec.finalizers", namespaceFinalizers),
  persistentvolumes: (object, previous) => {
    const once = on("spec", volumeSpec)(object, previous)
    // The server checks a changed volume as a new one and as a changed one.
    return previous ? [...on("spec", volumeSpec)(object, undefined), ...once] : once
  },
  resourcequotas: on("spec", quotaSpec),
  configmaps: configMapRules,
  "cronjobs.batch": cronJobRules,
  "daemonsets.apps": daemonSetRules,
  "deployments.apps": deploymentRules,
  events: eventRules,
  "leases.coordination.k8s.io": leaseRules,
  limitranges: all(on("spec.limits", limitDetails), limitRangeRules),
  "horizontalpodautoscalers.autoscaling": all(autoscalerRules, on("spec", autoscalerDetails)),
  "ingresses.networking.k8s.io": all(ingressRules, on("spec", ingressDetails)),
  "jobs.batch": jobRules,
  "networkpolicies.networking.k8s.io": all(networkPolicyRules, on("spec", policyDetails)),
  persistentvolumeclaims: all(claimRules, on("spec", claimDetails)),
  "poddisruptionbudgets.policy": all(budgetRules, on("spec", budgetDetails)),
  pods: podRules,
  "replicasets.apps": replicaSetRules,
  "rolebindings.rbac.authorization.k8s.io": bindingRules(["Role", "ClusterRole"]),
  "roles.rbac.authorization.k8s.io": roleRules,
  secrets: secretRules,
  "controllerrevisions.apps": controllerRevisionRules,
  "endpointslices.discovery.k8s.io": all(endpointSliceRules, on("", sliceDetails)),
  "ingressclasses.networking.k8s.io": all(ingressClassRules, on("spec", ingressClassParameters)),
  "priorityclasses.scheduling.k8s.io": all(priorityClassRules, on("", priorityUpdate)),
  "runtimeclasses.node.k8s.io": runtimeClassRules,
  services: all(serviceRules, serviceDetailRules),
  "statefulsets.apps": all(statefulSetDetailRules, statefulSetRules),
  "storageclasses.storage.k8s.io": all(storageClassRules, on("", classDetails)),
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
