import { compareQuantities, parseQuantity, printQuantity, type Quantity } from "@gitops-toolkit/kube"
import { mapOf, mapsOf, type Members } from "../../validation/walk.ts"

/** Amounts of resources by their names. */
export type Amounts = { readonly [name: string]: string }

/** What the containers of a Pod ask for, or may have, together: those that start it one after the other, the others at once. */
export function podAmounts(spec: Members, list: "requests" | "limits"): Amounts {
  const of = (container: Members): Amounts => mapOf(mapOf(container["resources"])[list]) as Amounts
  const all = new Map<string, Quantity>()
  const sidecars = new Map<string, Quantity>()
  const peak = new Map<string, Quantity>()
  for (const container of mapsOf(spec["containers"])) addAll(all, of(container))
  for (const container of mapsOf(spec["initContainers"])) {
    const isSidecar = container["restartPolicy"] === "Always"
    if (isSidecar) addAll(all, of(container))
    if (isSidecar) addAll(sidecars, of(container))
    const now = new Map(sidecars)
    if (!isSidecar) addAll(now, of(container))
    for (const [name, amount] of now) raise(peak, name, amount)
  }
  for (const [name, amount] of peak) raise(all, name, amount)
  return Object.fromEntries([...all].map(([name, amount]) => [name, printQuantity(amount)]))
}

function addAll(to: Map<string, Quantity>, amounts: Amounts): void {
  for (const [name, text] of Object.entries(amounts)) {
    const [sum, more] = [to.get(name), parseQuantity(text)]
    to.set(name, sum ? { nanos: sum.nanos + more.nanos, format: sum.nanos === 0n ? more.format : sum.format } : more)
  }
}

function raise(to: Map<string, Quantity>, name: string, amount: Quantity): void {
  const now = to.get(name)
  if (!now || compareQuantities(amount, now) > 0) to.set(name, amount)
}
