import type { KubeObject } from "@gitops-toolkit/kube"
import type { ServerState } from "../state.ts"
import { failureOf, type AutoReady } from "./options.ts"
import { controllerOf } from "./shapes.ts"
import type { View } from "./step.ts"

/** Who controls what, kept up to date with the store. */
export interface OwnerIndex {
  controlledBy(uid: string, table: string): readonly KubeObject[]
  orphans(table: string, namespace: string): readonly KubeObject[]
  /** Ends the bookkeeping. */
  stop(): void
}

/** An index of the objects of some tables by the uid of their controller, or their namespace when they have none. */
export function indexOwners({ store }: ServerState, tables: ReadonlySet<string>): OwnerIndex {
  const keys = new Map<string, Map<string, Set<string>>>()
  const placeOf = (object: KubeObject): string => controllerOf(object)?.uid ?? `in ${object.metadata.namespace ?? ""}`
  const found = (place: string, table: string): KubeObject[] =>
    [...(keys.get(place)?.get(table) ?? [])].flatMap((key) => store.get(table, key) ?? [])
  const forget = (table: string, key: string, object: KubeObject): void => {
    const place = placeOf(object)
    const known = keys.get(place)
    known?.get(table)?.delete(key)
    if (known && known.values().every((each) => each.size === 0)) keys.delete(place)
  }
  const remember = (table: string, key: string, object: KubeObject): void => {
    const place = placeOf(object)
    let known = keys.get(place)
    if (!known) keys.set(place, (known = new Map()))
    const inTable = known.get(table)
    if (inTable) inTable.add(key)
    else known.set(table, new Set([key]))
  }
  const stop = store.subscribeAll((table, { key, object, previous, type }) => {
    if (!tables.has(table)) return
    if (previous && (type === "DELETED" || placeOf(previous) !== placeOf(object))) forget(table, key, previous)
    if (type !== "DELETED") remember(table, key, object)
  })
  return {
    controlledBy: (uid, table) => found(uid, table),
    orphans: (table, namespace) => found(`in ${namespace}`, table),
    stop,
  }
}

const tablesOfOwners: { readonly [kind: string]: string } = {
  ReplicaSet: "replicasets.apps",
  Job: "jobs.batch",
}

/** The names of the controllers above an object. */
function ownersOf({ store }: ServerState, object: KubeObject): string[] {
  const names: string[] = []
  let at: KubeObject | undefined = object
  for (let owner = at && controllerOf(at); owner && names.length < 8; owner = at && controllerOf(at)) {
    names.push(owner.name)
    const table = tablesOfOwners[owner.kind]
    at = table === undefined ? undefined : store.get(table, `${object.metadata.namespace}/${owner.name}`)
  }
  return names
}

/** What the steps see of `state`. */
export function createView(state: ServerState, owners: OwnerIndex, settings: AutoReady): View {
  const { store, clock } = state
  let addresses = 1
  let turns = 0
  return {
    get nowMs() {
      return clock.now()
    },
    get now() {
      return state.timestamp()
    },
    delayMs: settings.delayMs ?? 0,
    list: (table, namespace) =>
      store.list(table, namespace === undefined ? "" : `${namespace}/`).entries.map(([, object]) => object),
    get: (table, namespace, name) => store.get(table, namespace === undefined ? name : `${namespace}/${name}`),
    controlledBy: owners.controlledBy,
    orphans: owners.orphans,
    failureOf: (pod) => (settings.failures === undefined ? undefined : failureOf(pod, ownersOf(state, pod), settings)),
    nextAddress: () => {
      const number = ++addresses
      return `10.244.${(number >> 8) & 255}.${number & 255}`
    },
    nextTurn: () => turns++,
  }
}
