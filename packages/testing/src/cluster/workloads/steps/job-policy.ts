import type { KubeObject } from "@gitops-toolkit/kube"
import type { Condition, Pod } from "../shapes.ts"
import { readIndexes } from "./job-indexes.ts"
import type { FailureRule, JobSpec } from "./job-parts.ts"

interface ContainerStatus {
  readonly name: string
  readonly state?: { readonly terminated?: { readonly exitCode: number } }
}

interface FailedStatus {
  readonly containerStatuses?: readonly ContainerStatus[]
  readonly initContainerStatuses?: readonly ContainerStatus[]
  readonly conditions?: readonly Condition[]
}

/** The first rule that a failed Pod matches: what it asks for, and the message of a Job that fails by it. */
export function matchFailure(
  { podFailurePolicy }: JobSpec,
  pod: KubeObject,
): { readonly action: string; readonly message: string } | undefined {
  const { namespace, name } = pod.metadata
  const status = ((pod as Pod).status ?? {}) as FailedStatus
  for (const [index, rule] of (podFailurePolicy?.rules ?? []).entries()) {
    const by = `matching ${rule.action} rule at index ${index}`
    const container = rule.onExitCodes && containerOf(status, rule.onExitCodes)
    if (container) {
      const code = container.state!.terminated!.exitCode
      const message = `Container ${container.name} for pod ${namespace}/${name} failed with exit code ${code} ${by}`
      return { action: rule.action, message }
    }
    const condition = status.conditions?.find(({ type, status: holds }) =>
      rule.onPodConditions?.some((each) => each.type === type && (each.status ?? "True") === holds),
    )
    if (condition)
      return { action: rule.action, message: `Pod ${namespace}/${name} has condition ${condition.type} ${by}` }
  }
  return undefined
}

function containerOf(
  { containerStatuses = [], initContainerStatuses = [] }: FailedStatus,
  { containerName, operator, values }: NonNullable<FailureRule["onExitCodes"]>,
): ContainerStatus | undefined {
  return [...containerStatuses, ...initContainerStatuses].find(({ name, state }) => {
    const code = state?.terminated?.exitCode ?? 0
    if (code === 0 || (containerName !== undefined && containerName !== name)) return false
    return values.includes(code) === (operator === "In")
  })
}

/** The text of the first rule that says that enough indexes succeeded. */
export function matchSuccess({ successPolicy }: JobSpec, succeeded: ReadonlySet<number>): string | undefined {
  const index = (successPolicy?.rules ?? []).findIndex(({ succeededIndexes, succeededCount }) => {
    if (succeeded.size === 0) return false
    if (succeededIndexes === undefined) return succeededCount !== undefined && succeeded.size >= succeededCount
    const wanted = readIndexes(succeededIndexes)
    const count = wanted.filter((each) => succeeded.has(each)).length
    return wanted.length > 0 && count >= (succeededCount ?? wanted.length)
  })
  return index < 0 ? undefined : `Matched rules at index ${index}`
}
