import { kindKeyOf, joinApiVersion } from "@gitops-toolkit/kube"
import type { Rule } from "../rule.ts"
import { alwaysReady } from "./always-ready.ts"
import { customResourceDefinition } from "./custom-resource-definition.ts"
import { daemonSet } from "./daemon-set.ts"
import { deployment } from "./deployment.ts"
import { job } from "./job.ts"
import { persistentVolumeClaim } from "./persistent-volume-claim.ts"
import { podDisruptionBudget } from "./pod-disruption-budget.ts"
import { pod } from "./pod.ts"
import { replicaSet } from "./replica-set.ts"
import { service } from "./service.ts"
import { statefulSet } from "./stateful-set.ts"

const table: readonly Rule[] = [
  ...alwaysReady,
  customResourceDefinition,
  ...daemonSet,
  ...deployment,
  job,
  persistentVolumeClaim,
  pod,
  podDisruptionBudget,
  ...replicaSet,
  service,
  statefulSet,
]

const keyOfRule = (rule: Rule): string =>
  kindKeyOf({ apiVersion: joinApiVersion(rule.group, "v1"), kind: rule.kind ?? "" })

/** kstatus' rule of each kind that has one, by `kindKeyOf`. */
export const builtInRules: ReadonlyMap<string, Rule> = new Map(table.map((rule) => [keyOfRule(rule), rule]))
