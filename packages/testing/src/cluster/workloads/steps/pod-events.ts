import type { Container, Pod } from "../shapes.ts"
import type { Action } from "../step.ts"
import { pullError, type Stage } from "./pod-status.ts"

/** What kubelets say of one container. */
function told(
  pod: Pod,
  container: string,
  rows: readonly (readonly [reason: string, message: string, isWarning?: true])[],
): Action[] {
  return rows.map(([reason, message, isWarning]) => ({
    type: "tell",
    notice: { by: "kubelet", about: pod, reason, message, container, ...(isWarning ? { isWarning } : {}) },
  }))
}

const pulling = ({ image = "" }: Container): readonly [string, string] => ["Pulling", `Pulling image "${image}"`]
const started = [
  ["Created", "Container created"],
  ["Started", "Container started"],
] as const

/** What the kubelet says when a Pod enters a stage. */
export function toldOf(pod: Pod, { stage, restarts }: { readonly stage: Stage; readonly restarts: number }): Action[] {
  const { containers, initContainers = [] } = pod.spec!
  const names = `${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})`
  const first =
    stage === "ImagePullBackOff"
      ? []
      : initContainers.flatMap((each) => told(pod, each.name, [pulling(each), pulled(each), ...started]))
  if (stage === "ContainerCreating") return containers.flatMap((each) => told(pod, each.name, [pulling(each)]))
  if (restarts > 1) {
    return containers.flatMap((each) => {
      const present = ["Pulled", `Container image "${each.image}" already present on machine`] as const
      const back = ["BackOff", `Back-off restarting failed container ${each.name} in pod ${names}`, true] as const
      return told(pod, each.name, [present, ...started, back])
    })
  }
  const rows = containers.flatMap((each) => {
    if (stage === "ImagePullBackOff") {
      const { image = "" } = each
      return told(pod, each.name, [
        pulling(each),
        ["Failed", `Failed to pull image "${image}": ${pullError(image)}`, true],
        ["Failed", "Error: ErrImagePull", true],
        ["BackOff", `Back-off pulling image "${image}"`],
        ["Failed", "Error: ImagePullBackOff", true],
      ])
    }
    const back = ["BackOff", `Back-off restarting failed container ${each.name} in pod ${names}`, true] as const
    const unready = ["Unhealthy", "Readiness probe failed: not ready yet", true] as const
    const more = stage === "CrashLoopBackOff" ? [back] : stage === "Unready" ? [unready] : []
    return told(pod, each.name, [pulling(each), pulled(each), ...started, ...more])
  })
  return [...first, ...rows]
}

function pulled({ image = "" }: Container): readonly [string, string] {
  return ["Pulled", `Successfully pulled image "${image}" in 12ms (12ms including waiting). Image size: 1048576 bytes.`]
}

/** What the kubelet says when a Pod is deleted. */
export function toldOfEnd(pod: Pod): Action[] {
  if (pod.status?.phase !== "Running") return []
  return pod.spec!.containers.flatMap(({ name }) => told(pod, name, [["Killing", `Stopping container ${name}`]]))
}
