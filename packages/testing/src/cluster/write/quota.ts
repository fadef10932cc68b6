import type { KubeObject } from "@gitops-toolkit/kube"
import { forbidden } from "../answer.ts"
import { storeKey } from "../resource.ts"
import type { ServerState } from "../state.ts"
import { tableOfQuota } from "../workloads/usage.ts"
import type { Place } from "./commit.ts"

const table = "resourcequotas"

interface Quota extends KubeObject {
  readonly status?: {
    readonly hard?: { readonly [name: string]: string }
    readonly used?: { readonly [name: string]: string }
  }
}

/**
 * 403 when a new object is beyond a quota of its namespace; counts it otherwise. As in the server only what
 * stands in the quota's status is limited. Amounts (`requests.cpu`) are not looked at.
 */
export function chargeQuotas(state: ServerState, { resource, namespace, name }: Place, dryRun: boolean): void {
  if (!resource.namespaced || state.store.size(table) === 0) return
  const charged = state.store.list(table, `${namespace}/`).entries.flatMap(([, object]) => {
    const quota = object as Quota
    const { hard = {}, used = {} } = quota.status ?? {}
    const names = Object.keys(hard).filter((each) => tableOfQuota(each) === resource.table)
    return names.length > 0 ? [{ quota, hard, used, names: names.toSorted() }] : []
  })
  for (const { quota, hard, used, names } of charged) {
    const unknown = names.filter((each) => used[each] === undefined)
    if (unknown.length > 0) {
      const why = `status unknown for quota: ${quota.metadata.name}, resources: ${unknown.join(",")}`
      throw forbidden(resource, name, why)
    }
    const beyond = names.filter((each) => Number(used[each]) + 1 > Number(hard[each]))
    if (beyond.length === 0) continue
    const text = (value: (each: string) => string): string => beyond.map((each) => `${each}=${value(each)}`).join(",")
    const counts = `requested: ${text(() => "1")}, used: ${text((each) => used[each]!)}, limited: ${text((each) => hard[each]!)}`
    throw forbidden(resource, name, `exceeded quota: ${quota.metadata.name}, ${counts}`)
  }
  if (dryRun) return
  const place = state.registry.ofTable(table)!
  for (const { quota, used, names } of charged) {
    const more = Object.fromEntries(names.map((each) => [each, String(Number(used[each]) + 1)]))
    const next = { ...quota, status: { ...quota.status, used: { ...used, ...more } } }
    state.store.put(table, storeKey(place, namespace, quota.metadata.name!), next as KubeObject)
  }
}
