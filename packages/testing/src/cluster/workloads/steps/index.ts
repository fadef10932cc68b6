import type { Step } from "../step.ts"
import { stepAutoscaler } from "./autoscaler.ts"
import { stepBudget } from "./budget.ts"
import { stepClusterRole } from "./cluster-role.ts"
import { stepCronJob } from "./cron-job.ts"
import { stepDaemonSet } from "./daemon-set.ts"
import { stepDeployment } from "./deployment.ts"
import { stepEndpoints } from "./endpoints.ts"
import { stepJob, stepOrphan } from "./job.ts"
import { stepNamespace } from "./namespace.ts"
import { stepPod } from "./pod.ts"
import { stepQuota } from "./quota.ts"
import { stepReplicaSet, stepReplicationController } from "./replica-set.ts"
import { stepService } from "./service.ts"
import { stepStatefulSet } from "./stateful-set.ts"
import { stepClaim, stepVolume } from "./storage.ts"

/** The controllers of each table, in the order in which they look. */
export const steps: ReadonlyMap<string, readonly Step[]> = new Map([
  ["clusterroles.rbac.authorization.k8s.io", [stepClusterRole]],
  ["cronjobs.batch", [stepCronJob]],
  ["daemonsets.apps", [stepDaemonSet]],
  ["deployments.apps", [stepDeployment]],
  ["endpoints", [stepEndpoints]],
  ["horizontalpodautoscalers.autoscaling", [stepAutoscaler]],
  ["jobs.batch", [stepJob]],
  ["namespaces", [stepNamespace]],
  ["persistentvolumeclaims", [stepClaim]],
  ["persistentvolumes", [stepVolume]],
  ["poddisruptionbudgets.policy", [stepBudget]],
  ["pods", [stepPod, stepOrphan]],
  ["replicasets.apps", [stepReplicaSet]],
  ["replicationcontrollers", [stepReplicationController]],
  ["resourcequotas", [stepQuota]],
  ["services", [stepService]],
  ["statefulsets.apps", [stepStatefulSet]],
])
