import type { KubeObject } from "@gitops-toolkit/kube"
import { controllerOf, type LabelSelector, type Labels, picks, type PodSpec } from "./shapes.ts"
import type { View } from "./step.ts"

type Place = readonly [table: string, key: string]

const ownerTables: { readonly [kind: string]: string } = {
  CronJob: "cronjobs.batch",
  DaemonSet: "daemonsets.apps",
  Deployment: "deployments.apps",
  Job: "jobs.batch",
  ReplicaSet: "replicasets.apps",
  ReplicationController: "replicationcontrollers",
  StatefulSet: "statefulsets.apps",
}

const keyOf = ({ metadata: { namespace, name } }: KubeObject): string =>
  namespace === undefined ? name! : `${namespace}/${name}`

const every = (view: View, table: string, namespace?: string): Place[] =>
  view.list(table, namespace).map((object) => [table, keyOf(object)])

/** The other objects whose controllers look again when one changes, in its new and its former state. */
export function* concernedBy(
  table: string,
  versions: readonly (KubeObject | undefined)[],
  view: View,
): Generator<Place> {
  const seen = new Set<string>()
  for (const object of versions) {
    const owner = object && controllerOf(object)
    const ownerTable = owner && ownerTables[owner.kind]
    if (!ownerTable || seen.has(owner.uid)) continue
    seen.add(owner.uid)
    yield [ownerTable, `${object.metadata.namespace}/${owner.name}`]
  }
  const object = versions[0]!
  yield* besideOwners(table, object, view)
  if (object.metadata.namespace !== undefined) yield* every(view, "resourcequotas", object.metadata.namespace)
}

function* besideOwners(table: string, object: KubeObject, view: View): Generator<Place> {
  const { namespace } = object.metadata
  switch (table) {
    case "pods":
      yield* ofPod(object, view)
      return
    case "nodes":
      yield* every(view, "daemonsets.apps")
      yield* every(view, "pods")
      return
    case "persistentvolumes":
    case "storageclasses.storage.k8s.io":
      yield* every(view, "persistentvolumeclaims")
      return
    case "persistentvolumeclaims": {
      const { volumeName } = (object.spec ?? {}) as { readonly volumeName?: string }
      if (volumeName) yield ["persistentvolumes", volumeName]
      yield* every(view, "pods", namespace)
      return
    }
    case "serviceaccounts":
    case "configmaps":
      if (namespace) yield ["namespaces", namespace]
      return
    case "clusterroles.rbac.authorization.k8s.io":
      yield* every(view, table)
      return
    case "endpointslices.discovery.k8s.io": {
      const service = object.metadata.labels?.["kubernetes.io/service-name"]
      if (service)
        yield* [["services", `${namespace}/${service}`] as const, ["endpoints", `${namespace}/${service}`] as const]
      return
    }
    case "services":
      yield ["endpoints", keyOf(object)]
      return
    case "endpoints":
      yield ["services", keyOf(object)]
      return
    default:
  }
}

/** The Services, budgets and claims that a Pod has to do with. */
function* ofPod(pod: KubeObject, view: View): Generator<Place> {
  const namespace = pod.metadata.namespace!
  const labels = pod.metadata.labels ?? {}
  for (const service of view.list("services", namespace)) {
    const { selector } = (service.spec ?? {}) as { readonly selector?: Labels }
    if (selector && Object.entries(selector).every(([name, value]) => labels[name] === value))
      yield ["services", keyOf(service)]
  }
  for (const budget of view.list("poddisruptionbudgets.policy", namespace)) {
    const { selector } = (budget.spec ?? {}) as { readonly selector?: LabelSelector }
    if (picks(selector)(pod)) yield ["poddisruptionbudgets.policy", keyOf(budget)]
  }
  for (const { persistentVolumeClaim: claim } of ((pod.spec ?? {}) as Partial<PodSpec>).volumes ?? []) {
    if (claim) yield ["persistentvolumeclaims", `${namespace}/${claim.claimName}`]
  }
}
