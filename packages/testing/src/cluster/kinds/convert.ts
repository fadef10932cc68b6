import type { KubeObject } from "@gitops-toolkit/kube"
import { decodeStruct } from "./decode.ts"
import { typeOfKind } from "./types.ts"

/** An object of a built-in kind that is served in several versions, in another of them; others stay as they are. */
export function convert(object: KubeObject, apiVersion: string): KubeObject {
  const change = conversions[`${object.apiVersion} ${object.kind} ${apiVersion}`]
  if (!change) return object
  const converted = { ...change(object as Draft), apiVersion }
  const type = typeOfKind(apiVersion, object.kind)
  // Read in its new type: what that always writes is there, what is empty is not.
  return type ? (decodeStruct(converted, type).value as unknown as KubeObject) : converted
}

type Draft = KubeObject & { readonly [field: string]: unknown }
type Conversion = (object: Draft) => KubeObject

interface Metric {
  readonly type: string
  readonly resource?: {
    readonly name: string
    readonly target?: { readonly averageUtilization?: number }
    readonly current?: { readonly averageUtilization?: number }
  }
}

const withoutEmpty = (value: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined))

const cpuOf = (metrics: unknown): Metric["resource"] | undefined =>
  (Array.isArray(metrics) ? (metrics as Metric[]) : []).find(
    ({ type, resource }) => type === "Resource" && resource?.name === "cpu",
  )?.resource

/** `autoscaling/v1` knows one metric: the CPU's utilization. */
const autoscalerToV1: Conversion = (object) => {
  const { metrics, behavior: _, ...spec } = (object.spec ?? {}) as Record<string, unknown>
  const { currentMetrics, conditions: __, ...status } = (object.status ?? {}) as Record<string, unknown>
  return {
    ...object,
    spec: withoutEmpty({ ...spec, targetCPUUtilizationPercentage: cpuOf(metrics)?.target?.averageUtilization }),
    status: withoutEmpty({
      ...status,
      currentCPUUtilizationPercentage: cpuOf(currentMetrics)?.current?.averageUtilization,
    }),
  }
}

const autoscalerToV2: Conversion = (object) => {
  const { targetCPUUtilizationPercentage: percent, ...spec } = (object.spec ?? {}) as Record<string, unknown>
  const { currentCPUUtilizationPercentage: _, ...status } = (object.status ?? {}) as Record<string, unknown>
  const target = { type: "Utilization", averageUtilization: percent }
  const metrics = percent === undefined ? undefined : [{ type: "Resource", resource: { name: "cpu", target } }]
  return { ...object, spec: withoutEmpty({ ...spec, metrics }), status }
}

const eventFields: readonly (readonly [core: string, other: string])[] = [
  ["involvedObject", "regarding"],
  ["message", "note"],
  ["source", "deprecatedSource"],
  ["firstTimestamp", "deprecatedFirstTimestamp"],
  ["lastTimestamp", "deprecatedLastTimestamp"],
  ["count", "deprecatedCount"],
  ["reportingComponent", "reportingController"],
]

const renamed = (object: Draft, from: 0 | 1): KubeObject => {
  const names = new Map(eventFields.map((pair) => [pair[from], pair[1 - from]!]))
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => [names.get(name) ?? name, value]),
  ) as KubeObject
}

const conversions: { readonly [change: string]: Conversion } = {
  "autoscaling/v2 HorizontalPodAutoscaler autoscaling/v1": autoscalerToV1,
  "autoscaling/v1 HorizontalPodAutoscaler autoscaling/v2": autoscalerToV2,
  "v1 Event events.k8s.io/v1": (object) => renamed(object, 0),
  "events.k8s.io/v1 Event v1": (object) => renamed(object, 1),
}
