import { compareQuantities, type KubeObject, parseQuantity, printQuantity, type Quantity } from "@gitops-toolkit/kube"
import { forbidden } from "../answer.ts"
import { storeKey } from "../resource.ts"
import type { ServerState } from "../state.ts"
import { amountsOf, isInScope, plus, type QuotaSpec, tableOfQuota, unsaid } from "../workloads/usage.ts"
import type { Place } from "./commit.ts"

const table = "resourcequotas"

interface Limited {
  readonly hard?: { readonly [name: string]: string }
  readonly used?: { readonly [name: string]: string }
}

interface Charge {
  readonly quota: KubeObject<QuotaSpec, Limited>
  readonly hard: { readonly [name: string]: string }
  readonly used: { readonly [name: string]: string }
  /** What the object takes of each name, in order. */
  readonly amounts: readonly (readonly [name: string, amount: Quantity])[]
}

/**
 * 403 when a new object is beyond a quota of its namespace; counts it otherwise. As in the server only what
 * stands in the quota's status is limited.
 */
export function chargeQuotas(
  state: ServerState,
  object: KubeObject,
  { place, dryRun }: { readonly place: Place; readonly dryRun: boolean },
): void {
  const { resource, namespace, name } = place
  if (!resource.namespaced || state.store.size(table) === 0) return
  const charges = state.store
    .list(table, `${namespace}/`)
    .entries.flatMap(([, quota]) => chargeOf(quota as KubeObject<QuotaSpec, Limited>, resource.table, object))
  for (const charge of charges) {
    const why = refusalOf(charge, object)
    if (why !== undefined) throw forbidden(resource, name, why)
  }
  if (dryRun) return
  const target = state.registry.ofTable(table)!
  for (const { quota, used, amounts } of charges) {
    const more = amounts.map(([each, amount]) => [each, printQuantity(plus(parseQuantity(used[each]!), amount))])
    const next = { ...quota, status: { ...quota.status, used: { ...used, ...Object.fromEntries(more) } } }
    state.store.put(table, storeKey(target, namespace, quota.metadata.name!), next as KubeObject)
  }
}

function chargeOf(quota: KubeObject<QuotaSpec, Limited>, from: string, object: KubeObject): Charge[] {
  const { hard = {}, used = {} } = quota.status ?? {}
  const names = Object.keys(hard).filter((each) => tableOfQuota(each) === from)
  if (names.length === 0 || !isInScope(quota.spec ?? {}, from, object)) return []
  const taken = amountsOf(from, object)
  const amounts = names.toSorted().map((each) => [each, taken.get(each) ?? parseQuantity("0")] as const)
  return [{ quota, hard, used, amounts }]
}

function refusalOf({ quota, hard, used, amounts }: Charge, object: KubeObject): string | undefined {
  const name = quota.metadata.name!
  const unknown = amounts.filter(([each]) => used[each] === undefined)
  if (unknown.length > 0)
    return `status unknown for quota: ${name}, resources: ${unknown.map(([each]) => each).join(",")}`
  const silent =
    object.kind === "Pod"
      ? unsaid(
          amounts.map(([each]) => each),
          object,
        )
      : undefined
  if (silent !== undefined) return `failed quota: ${name}: ${silent}`
  const beyond = amounts.filter(
    ([each, amount]) =>
      amount.nanos > 0n && compareQuantities(plus(parseQuantity(used[each]!), amount), parseQuantity(hard[each]!)) > 0,
  )
  if (beyond.length === 0) return undefined
  const text = (value: (each: string, amount: Quantity) => string): string =>
    beyond.map(([each, amount]) => `${each}=${value(each, amount)}`).join(",")
  const requested = text((_, amount) => printQuantity(amount))
  return `exceeded quota: ${name}, requested: ${requested}, used: ${text((each) => used[each]!)}, limited: ${text((each) => hard[each]!)}`
}
