import { equalJson, type KubeObject } from "@gitops-toolkit/kube"
import type { Resource } from "../resource.ts"
import type { ServerState } from "../state.ts"
import { mapOf } from "../validation/walk.ts"
import { decodeStruct } from "./decode.ts"
import { typeOfKind } from "./types.ts"

/** The status that a new object of some kinds begins with. */
const first: { readonly [table: string]: unknown } = {
  namespaces: { phase: "Active" },
  persistentvolumeclaims: { phase: "Pending" },
  services: { loadBalancer: {} },
}

/** The status of a new built-in object; undefined where the kind writes none. */
export function emptyStatusOf(resource: Resource): unknown {
  if (Object.hasOwn(first, resource.table)) return first[resource.table]
  const status = typeOfKind(resource.apiVersion, resource.kind)?.fields.get("status")
  if (!status?.type.struct || status.type.pointer || status.empty === "omitZero") return undefined
  return decodeStruct({}, status.type.struct).value
}

/** An object with a new status, with what its kind notes of the change: a PersistentVolume says when its phase began. */
export function noteStatus(
  state: ServerState,
  next: KubeObject,
  { live, resource }: { readonly live: KubeObject; readonly resource: Resource },
): KubeObject {
  if (resource.table !== "persistentvolumes") return next
  const [now, before] = [mapOf(next.status), mapOf(live.status)]
  const name = "lastPhaseTransitionTime"
  const isNamed = now[name] !== undefined && !equalJson(now[name], before[name])
  if (isNamed || (now["phase"] === before["phase"] && now[name] !== undefined)) return next
  const time = now["phase"] === before["phase"] ? before[name] : state.timestamp()
  return { ...next, status: { ...now, ...(time === undefined ? {} : { [name]: time }) } }
}
