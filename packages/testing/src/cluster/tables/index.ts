import type { KubeObject } from "@gitops-toolkit/kube"
import type { Resource } from "../resource.ts"
import { builtInColumns } from "./columns.generated.ts"
import { ageColumn, customCell } from "./custom.ts"
import {
  bindingCells,
  claimCells,
  configMapCells,
  createdCells,
  endpointsCells,
  endpointSliceCells,
  eventCells,
  ingressCells,
  ingressClassCells,
  leaseCells,
  namespaceCells,
  networkPolicyCells,
  nodeCells,
  plainCells,
  priorityClassCells,
  secretCells,
  serviceCells,
  storageClassCells,
  volumeCells,
  webhookCells,
} from "./others.ts"
import { podCells } from "./pod.ts"
import {
  autoscalerCells,
  budgetCells,
  type Cells,
  controllerRevisionCells,
  cronJobCells,
  daemonSetCells,
  deploymentCells,
  jobCells,
  replicaSetCells,
  replicationControllerCells,
  scaleCells,
  statefulSetCells,
} from "./workloads.ts"

/** One column of a Table. */
export interface TableColumn {
  readonly name: string
  readonly type: string
  readonly format: string
  readonly description: string
  readonly priority: number
}

/** The columns of a kind and what stands in them. */
export interface TableShape {
  readonly columns: readonly TableColumn[]
  readonly cells: (object: KubeObject, nowMs: number) => readonly unknown[]
}

const cells: { readonly [table: string]: Cells } = {
  "clusterrolebindings.rbac.authorization.k8s.io": bindingCells,
  configmaps: configMapCells,
  "controllerrevisions.apps": controllerRevisionCells,
  "cronjobs.batch": cronJobCells,
  "daemonsets.apps": daemonSetCells,
  "deployments.apps": deploymentCells,
  endpoints: endpointsCells,
  "endpointslices.discovery.k8s.io": endpointSliceCells,
  events: eventCells,
  "horizontalpodautoscalers.autoscaling": autoscalerCells,
  "ingressclasses.networking.k8s.io": ingressClassCells,
  "ingresses.networking.k8s.io": ingressCells,
  "jobs.batch": jobCells,
  "leases.coordination.k8s.io": leaseCells,
  "mutatingwebhookconfigurations.admissionregistration.k8s.io": webhookCells,
  namespaces: namespaceCells,
  "networkpolicies.networking.k8s.io": networkPolicyCells,
  nodes: nodeCells,
  persistentvolumeclaims: claimCells,
  persistentvolumes: volumeCells,
  "poddisruptionbudgets.policy": budgetCells,
  pods: podCells,
  "priorityclasses.scheduling.k8s.io": priorityClassCells,
  "replicasets.apps": replicaSetCells,
  replicationcontrollers: replicationControllerCells,
  "rolebindings.rbac.authorization.k8s.io": bindingCells,
  secrets: secretCells,
  serviceaccounts: plainCells,
  services: serviceCells,
  "statefulsets.apps": statefulSetCells,
  "storageclasses.storage.k8s.io": storageClassCells,
  "validatingwebhookconfigurations.admissionregistration.k8s.io": webhookCells,
}

type ColumnRow = readonly [name: string, type: string, format: string, description: number, priority: number]

let known:
  | { readonly texts: readonly string[]; readonly tables: { readonly [name: string]: readonly ColumnRow[] } }
  | undefined

function columnsOf({ plural, group, version }: Resource): TableColumn[] | undefined {
  known ??= JSON.parse(builtInColumns) as NonNullable<typeof known>
  const { texts, tables } = known
  const rows = tables[`${plural}${group === "" ? "" : `.${group}`}/${version}`]
  return rows?.map(([name, type, format, description, priority]) => ({
    name,
    type,
    format,
    description: texts[description]!,
    priority,
  }))
}

/** What the server says of every object's name and age. */
function commonColumns(): { readonly name: TableColumn; readonly age: TableColumn } {
  const columns = columnsOf({ plural: "configmaps", group: "", version: "v1" } as Resource)!
  return { name: columns[0]!, age: columns.find(({ name }) => name === "Age")! }
}

/** The Table of Scales. */
export function scaleShapeOf({ custom }: Resource): TableShape {
  const { name, age } = commonColumns()
  const count = { type: "integer", format: "", priority: 0 }
  const [desired, available] = custom ? ["Number of desired replicas", "Number of actual replicas"] : scaleTexts
  return {
    columns: [
      custom ? name : { ...name, format: "" },
      { ...count, name: "Desired", description: desired! },
      { ...count, name: "Available", description: available! },
      custom ? { ...age, type: "date" } : age,
    ],
    cells: scaleCells,
  }
}

const scaleTexts = [
  "replicas is the desired number of instances for the scaled object.",
  "replicas is the actual number of observed instances of the scaled object.",
]

/** The Table of a resource; undefined for one that has none of its own. */
export function tableShapeOf(resource: Resource): TableShape | undefined {
  if (resource.custom) return customShape(resource)
  const columns = columnsOf(resource)
  const own = Object.hasOwn(cells, resource.table) ? cells[resource.table] : undefined
  if (!columns) return undefined
  if (own) return { columns, cells: own }
  return { columns, cells: (object, nowMs) => otherCells(object, { columns, nowMs }) }
}

/** Kinds without cells of their own here show their name and times; the rest stays empty. */
function otherCells(
  object: KubeObject,
  { columns, nowMs }: { readonly columns: readonly TableColumn[]; readonly nowMs: number },
): unknown[] {
  const [name, created] = createdCells(object, nowMs)
  const [, age] = plainCells(object, nowMs)
  return columns.map((column) => {
    if (column.name === "Name") return name
    if (column.name === "Age") return age
    return column.name === "Created At" ? created : ""
  })
}

function customShape(resource: Resource): TableShape {
  const declared = resource.custom!.columns ?? [ageColumn]
  const columns = declared.map(({ name, type, format = "", description, priority = 0, jsonPath }) => ({
    name,
    type,
    format,
    description:
      description ||
      (jsonPath === ageColumn.jsonPath && !resource.custom!.columns
        ? commonColumns().age.description
        : `Custom resource definition column (in JSONPath format): ${jsonPath}`),
    priority,
  }))
  return {
    columns: [commonColumns().name, ...columns],
    cells: (object, nowMs) => [object.metadata.name, ...declared.map((column) => customCell(object, column, nowMs))],
  }
}
