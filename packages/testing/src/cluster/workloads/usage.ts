import { type KubeObject, parseQuantity, type Quantity } from "@gitops-toolkit/kube"
import { hasEnded } from "./shapes.ts"

/** What a quota limits, by name: `pods`, `requests.cpu`, `count/deployments.apps`. */
export type Amounts = ReadonlyMap<string, Quantity>

interface Selection {
  readonly scopeName: string
  readonly operator?: string
  readonly values?: readonly string[]
}

/** The parts of a ResourceQuota's spec. */
export interface QuotaSpec {
  readonly hard?: { readonly [name: string]: string }
  readonly scopes?: readonly string[]
  readonly scopeSelector?: { readonly matchExpressions?: readonly Selection[] }
}

const one = parseQuantity("1")
const none = parseQuantity("0")

const counted = new Set([
  "configmaps",
  "persistentvolumeclaims",
  "pods",
  "replicationcontrollers",
  "resourcequotas",
  "secrets",
  "services",
])

/** The tables whose objects a name of a quota is about. */
export function tableOfQuota(name: string): string | undefined {
  if (name.startsWith("count/")) return name.slice("count/".length)
  if (counted.has(name)) return name
  if (name.startsWith("services.")) return "services"
  if (name === "requests.storage" || name.includes(".storageclass.storage.k8s.io/")) return "persistentvolumeclaims"
  const isCompute = /^(?:(?:requests|limits)\.)?(?:cpu|memory|ephemeral-storage|hugepages-.*)$/.test(name)
  return isCompute || name.startsWith("requests.") ? "pods" : undefined
}

/** The sum of two quantities, in the family of the first that is not 0. */
export function plus(a: Quantity, b: Quantity): Quantity {
  return { nanos: a.nanos + b.nanos, format: a.nanos === 0n ? b.format : a.format }
}

/** How much of each name of quotas one object takes. */
export function amountsOf(table: string, object: KubeObject): Amounts {
  const amounts = new Map([[`count/${table}`, one]])
  if (table === "pods") for (const [name, value] of podAmounts(object)) amounts.set(name, value)
  else if (counted.has(table)) amounts.set(table, one)
  if (table === "services") for (const [name, value] of serviceAmounts(object)) amounts.set(name, value)
  if (table === "persistentvolumeclaims") for (const [name, value] of claimAmounts(object)) amounts.set(name, value)
  return amounts
}

interface Container {
  readonly name: string
  readonly restartPolicy?: string
  readonly resources?: {
    readonly requests?: { readonly [name: string]: string }
    readonly limits?: { readonly [name: string]: string }
  }
}

interface PodSpec {
  readonly containers?: readonly Container[]
  readonly initContainers?: readonly Container[]
  readonly activeDeadlineSeconds?: number
  readonly priorityClassName?: string
  readonly overhead?: { readonly [name: string]: string }
  readonly affinity?: { readonly podAffinity?: object; readonly podAntiAffinity?: object }
}

/** What a Pod asks for; one that ended takes nothing any more. */
export function podAmounts(pod: KubeObject): Map<string, Quantity> {
  const amounts = new Map<string, Quantity>()
  if (hasEnded(pod)) return amounts
  const spec = (pod.spec ?? {}) as PodSpec
  for (const kind of ["requests", "limits"] as const) {
    for (const [name, value] of neededBy(spec, kind)) {
      if (!/^(?:cpu|memory|ephemeral-storage)$/.test(name) && kind === "limits") continue
      amounts.set(`${kind}.${name}`, value)
      if (kind === "requests" && /^(?:cpu|memory|ephemeral-storage|hugepages-.*)$/.test(name)) amounts.set(name, value)
    }
  }
  return amounts.set("pods", one)
}

/** What a Pod needs at once: its containers together, or the greediest of those that run before them. */
function neededBy(spec: PodSpec, kind: "requests" | "limits"): Map<string, Quantity> {
  const needed = new Map<string, Quantity>()
  const add = (list: { readonly [name: string]: string } = {}): void => {
    for (const [name, value] of Object.entries(list))
      needed.set(name, plus(needed.get(name) ?? none, parseQuantity(value)))
  }
  for (const { resources } of spec.containers ?? []) add(resources?.[kind])
  for (const { resources, restartPolicy } of spec.initContainers ?? [])
    if (restartPolicy === "Always") add(resources?.[kind])
  for (const { resources } of spec.initContainers ?? []) {
    for (const [name, text] of Object.entries(resources?.[kind] ?? {})) {
      const value = parseQuantity(text)
      if (value.nanos > (needed.get(name)?.nanos ?? -1n)) needed.set(name, value)
    }
  }
  add(spec.overhead)
  return needed
}

function serviceAmounts({ spec }: KubeObject): Map<string, Quantity> {
  const {
    type,
    ports = [],
    allocateLoadBalancerNodePorts: allocates,
  } = (spec ?? {}) as {
    readonly type?: string
    readonly ports?: readonly { readonly nodePort?: number }[]
    readonly allocateLoadBalancerNodePorts?: boolean
  }
  const given = ports.filter(({ nodePort }) => nodePort).length
  const taken =
    type === "NodePort" ? ports.length : type !== "LoadBalancer" ? 0 : allocates === false ? given : ports.length
  return new Map([
    ["services.nodeports", parseQuantity(String(taken))],
    ["services.loadbalancers", type === "LoadBalancer" ? one : none],
  ])
}

function claimAmounts({ spec }: KubeObject): Map<string, Quantity> {
  const { storageClassName, resources } = (spec ?? {}) as {
    readonly storageClassName?: string
    readonly resources?: { readonly requests?: { readonly storage?: string } }
  }
  const text = resources?.requests?.storage
  const prefix = storageClassName ? `${storageClassName}.storageclass.storage.k8s.io/` : undefined
  return new Map([
    ...(text === undefined ? [] : ([["requests.storage", parseQuantity(text)]] as const)),
    ...(prefix === undefined ? [] : ([[`${prefix}persistentvolumeclaims`, one]] as const)),
    ...(prefix === undefined || text === undefined
      ? []
      : ([[`${prefix}requests.storage`, parseQuantity(text)]] as const)),
  ])
}

/** True for an object that the quota's scopes take in. */
export function isInScope({ scopes = [], scopeSelector }: QuotaSpec, table: string, object: KubeObject): boolean {
  const selections: readonly Selection[] = [
    ...scopes.map((scopeName) => ({ scopeName })),
    ...(scopeSelector?.matchExpressions ?? []),
  ]
  return selections.every((each) => table === "pods" && fits(each, object))
}

function fits({ scopeName, operator = "Exists", values = [] }: Selection, pod: KubeObject): boolean {
  const spec = (pod.spec ?? {}) as PodSpec
  const all = [...(spec.containers ?? []), ...(spec.initContainers ?? [])]
  const isBestEffort = all.every(({ resources: { requests = {}, limits = {} } = {} }) =>
    [...Object.keys(requests), ...Object.keys(limits)].every((name) => name !== "cpu" && name !== "memory"),
  )
  switch (scopeName) {
    case "BestEffort":
      return isBestEffort
    case "NotBestEffort":
      return !isBestEffort
    case "Terminating":
      return spec.activeDeadlineSeconds !== undefined
    case "NotTerminating":
      return spec.activeDeadlineSeconds === undefined
    case "CrossNamespacePodAffinity":
      return /"namespace(?:s|Selector)":/.test(JSON.stringify(spec.affinity ?? {}))
    case "PriorityClass": {
      const name = spec.priorityClassName ?? ""
      if (operator === "Exists") return name !== ""
      if (operator === "DoesNotExist") return name === ""
      return values.includes(name) === (operator === "In")
    }
    default:
      return false
  }
}

/** The names among `names` that each container of a Pod has to ask for, and those that do not, as the server says it. */
export function unsaid(names: readonly string[], { spec }: KubeObject): string | undefined {
  const { containers = [], initContainers = [] } = (spec ?? {}) as PodSpec
  const parts = names
    .filter((name) => /^(?:(?:requests|limits)\.)?(?:cpu|memory)$/.test(name))
    .flatMap((name) => {
      const [kind, resource] = name.includes(".") ? name.split(".") : ["requests", name]
      const silent = [...containers, ...initContainers].filter(
        ({ resources }) => resources?.[kind as "requests"]?.[resource!] === undefined,
      )
      const list = [...new Set(silent.map((each) => each.name))].toSorted()
      return list.length > 0 ? [`${name} for: ${list.join(",")}`] : []
    })
  return parts.length > 0 ? `must specify ${parts.join("; ")}` : undefined
}

/** How much of what a quota limits is taken. */
export function usageOf(spec: QuotaSpec, list: (table: string) => readonly KubeObject[]): { [name: string]: Quantity } {
  const names = Object.keys(spec.hard ?? {})
  const tables = new Set(names.flatMap((name) => tableOfQuota(name) ?? []))
  const used = new Map(names.flatMap((name) => (tableOfQuota(name) === undefined ? [] : [[name, none] as const])))
  for (const table of tables) {
    for (const object of list(table)) {
      if (!isInScope(spec, table, object)) continue
      const amounts = amountsOf(table, object)
      for (const [name, value] of used) used.set(name, plus(value, amounts.get(name) ?? none))
    }
  }
  return Object.fromEntries(used)
}
