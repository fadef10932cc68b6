import type { Resource } from "../resource.ts"
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
