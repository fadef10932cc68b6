import { equalJson, type KubeObject } from "@gitops-toolkit/kube"
import { forbidden } from "../../answer.ts"
import type { ServerState } from "../../state.ts"
import { listOf, mapOf, type Members } from "../../validation/walk.ts"

const table = "runtimeclasses.node.k8s.io"

function classOf(name: unknown, { store }: ServerState): Members | undefined {
  return store.list(table, "").entries.find(([, { metadata }]) => metadata.name === name)?.[1] as Members | undefined
}

/** 403 for a valid Pod with an overhead that no RuntimeClass gave it. */
export function checkOverhead(pod: KubeObject, state: ServerState): void {
  const { runtimeClassName, overhead } = mapOf(pod.spec)
  if (overhead === undefined || mapOf(classOf(runtimeClassName, state))["overhead"] !== undefined) return
  const why = "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead"
  throw forbidden({ group: "", plural: "pods", kind: "Pod" }, pod.metadata.name ?? "", why)
}

/** A new Pod with what its RuntimeClass says; 403 when there is none of that name, or it says otherwise. */
export function withRuntimeClass(pod: KubeObject, state: ServerState): KubeObject {
  const spec = mapOf(pod.spec)
  const { runtimeClassName: name, overhead } = spec
  const refuse = (why: string): Error =>
    forbidden({ group: "", plural: "pods", kind: "Pod" }, pod.metadata.name ?? "", why)
  if (typeof name !== "string") return pod
  const found = classOf(name, state)
  if (!found) throw refuse(`pod rejected: RuntimeClass ${JSON.stringify(name)} not found`)
  const { overhead: own, scheduling } = found
  const fixed = mapOf(own)["podFixed"]
  if (fixed !== undefined && overhead !== undefined && !equalJson(fixed, overhead))
    throw refuse("pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead")
  const { nodeSelector, tolerations } = mapOf(scheduling)
  const chosen = mapOf(spec["nodeSelector"])
  for (const [key, value] of Object.entries(mapOf(nodeSelector)))
    if (chosen[key] !== undefined && chosen[key] !== value) {
      const [theirs, ours] = [String(value), String(chosen[key])]
      throw refuse(
        `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${theirs}; pod.spec.nodeSelector[${key}] = ${ours}`,
      )
    }
  const whole = {
    ...spec,
    ...(fixed === undefined ? {} : { overhead: fixed }),
    ...(nodeSelector === undefined ? {} : { nodeSelector: { ...chosen, ...mapOf(nodeSelector) } }),
    ...(tolerations === undefined ? {} : { tolerations: merged(listOf(spec["tolerations"]), listOf(tolerations)) }),
  }
  return { ...pod, spec: whole }
}

const merged = (own: readonly unknown[], more: readonly unknown[]): readonly unknown[] => [
  ...own,
  ...more.filter((each) => !own.some((other) => equalJson(each, other))),
]
