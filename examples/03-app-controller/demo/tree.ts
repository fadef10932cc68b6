// An App and what it owns, as a tree with health.
import { decodeInventory, formatRef, refOf, type KubeObject, type ObjectRef } from "@gitops-toolkit/kube"
import { assess } from "@gitops-toolkit/health"
import type { Target } from "./target.ts"

interface AppStatus {
  readonly revision?: string
  readonly inventory?: { readonly entries: Parameters<typeof decodeInventory>[0] }
}

/** What an App owns, by its status. */
export function inventoryOf(app: KubeObject): readonly ObjectRef[] {
  const { inventory } = (app.status ?? {}) as AppStatus
  return inventory ? decodeInventory(inventory.entries) : []
}

/** The lines of the tree of an App. */
export async function printTree(target: Target, app: KubeObject): Promise<string[]> {
  const refs = inventoryOf(app)
  const { revision } = (app.status ?? {}) as AppStatus
  const lines = [`${formatRef(refOf(app))}  ${revision ?? ""}`]
  for (const [index, ref] of refs.entries()) {
    const object = await target.people.get(ref)
    const health = object ? assess(object) : { status: "NotFound", message: "" }
    const branch = index === refs.length - 1 ? "└─" : "├─"
    lines.push(`${branch} ${formatRef(ref).padEnd(52)} ${health.status}${health.message ? `  ${health.message}` : ""}`)
  }
  return lines
}
