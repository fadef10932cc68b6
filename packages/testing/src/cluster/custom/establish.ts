import type { KubeObject } from "@gitops-toolkit/kube"
import { equalJson } from "@gitops-toolkit/kube"
import type { Resource } from "../resource.ts"
import type { ServerState } from "../state.ts"
import { trackUpdate } from "../write/managed.ts"
import { definitionTable } from "./names.ts"
import { type DefinitionSpec, type Names, resourcesOf } from "./serve.ts"

interface StoredCondition {
  readonly type: string
  readonly status: string
  readonly lastTransitionTime: string
  readonly reason: string
  readonly message: string
}

/** Serves every established definition of `group`, and nothing else of it. */
export function serveGroup(state: ServerState, group: string): void {
  const versions = new Map<string, Map<string, Resource>>()
  for (const [, definition] of state.store.list(definitionTable, "").entries) {
    const spec = definition.spec as DefinitionSpec
    if (spec.group !== group || !isEstablished(definition)) continue
    for (const [version, resource] of resourcesOf(definition)) {
      const resources = versions.get(version) ?? new Map<string, Resource>()
      versions.set(version, resources.set(resource.plural, resource))
      state.store.open(resource.table)
    }
  }
  state.registry.setCustomGroup(group, versions)
}

function conditionsIn(definition: KubeObject): readonly StoredCondition[] {
  const { conditions } = (definition.status ?? {}) as { readonly conditions?: readonly StoredCondition[] | null }
  return conditions ?? []
}

/** True once a definition's kind is served. */
export function isEstablished(definition: KubeObject): boolean {
  return conditionsIn(definition).some(({ type, status }) => type === "Established" && status === "True")
}

/** Brings a definition's status up to date: names accepted or refused, established. */
export function establish(state: ServerState, definition: KubeObject): void {
  const spec = definition.spec as DefinitionSpec
  const { accepted, clash } = namesOf(state, definition)
  const now = state.timestamp()
  const before = conditionsIn(definition)
  const set = (
    list: readonly StoredCondition[],
    next: Omit<StoredCondition, "lastTransitionTime">,
  ): StoredCondition[] => {
    const old = list.find(({ type }) => type === next.type)
    const lastTransitionTime = old?.status === next.status ? old.lastTransitionTime : now
    const condition = {
      type: next.type,
      status: next.status,
      lastTransitionTime,
      reason: next.reason,
      message: next.message,
    }
    return old ? list.map((each) => (each === old ? condition : each)) : [...list, condition]
  }
  let conditions: readonly StoredCondition[] = before
  conditions = clash
    ? set(conditions, { type: "NamesAccepted", status: "False", ...clash })
    : set(conditions, { type: "NamesAccepted", status: "True", reason: "NoConflicts", message: "no conflicts found" })
  if (!before.some(({ type, status }) => type === "Established" && status === "True")) {
    conditions = clash
      ? set(conditions, {
          type: "Established",
          status: "False",
          reason: "NotAccepted",
          message: "not all names are accepted",
        })
      : set(conditions, {
          type: "Established",
          status: "True",
          reason: "InitialNamesAccepted",
          message: "the initial names have been accepted",
        })
  }
  const stored = spec.versions.filter(({ storage }) => storage).map(({ name }) => name)
  const { storedVersions } = (definition.status ?? {}) as { readonly storedVersions?: readonly string[] | null }
  const status = {
    conditions,
    acceptedNames: clash ? accepted : spec.names,
    storedVersions: [...new Set([...(storedVersions ?? []), ...stored])],
  }
  if (equalJson(status, definition.status)) return
  state.store.put(definitionTable, definition.metadata.name!, tracked(state, definition, status))
}

/** The server keeps the status of definitions itself, and is known as its manager. */
function tracked(state: ServerState, definition: KubeObject, status: object): KubeObject {
  const { registry, clock } = state
  const resource = registry.ofTable(definitionTable)!
  const writer = { resource, registry, manager: "kube-apiserver", subresource: "status", nowMs: clock.now() }
  return trackUpdate({ ...definition, status }, definition, writer)
}

function acceptedOf(definition: KubeObject): unknown {
  const { acceptedNames } = (definition.status ?? {}) as { readonly acceptedNames?: unknown }
  return acceptedNames ?? { plural: "", kind: "" }
}

interface Clash {
  readonly reason: string
  readonly message: string
}

/** The names of a definition that no other one of its group has, and the last one that another has. */
function namesOf(state: ServerState, definition: KubeObject): { readonly accepted: object; readonly clash?: Clash } {
  const { group, names } = definition.spec as DefinitionSpec
  const resources = new Set<string>()
  const kinds = new Set<string>()
  for (const [, other] of state.store.list(definitionTable, "").entries) {
    const spec = other.spec as DefinitionSpec
    if (spec.group !== group || other.metadata.uid === definition.metadata.uid || !isEstablished(other)) continue
    const accepted = acceptedOf(other) as Names
    for (const name of [accepted.plural, accepted.singular, ...(accepted.shortNames ?? [])]) resources.add(name)
    kinds.add(accepted.kind)
    kinds.add(accepted.listKind)
  }
  const before = acceptedOf(definition) as Partial<Names>
  const accepted: Record<string, unknown> = {}
  let clash: Clash | undefined
  for (const member of ["plural", "singular", "shortNames", "kind", "listKind"] as const) {
    const among = member === "kind" || member === "listKind" ? kinds : resources
    const own = [before[member] ?? []].flat()
    const taken = [names[member] ?? []].flat().find((name) => !own.includes(name) && among.has(name))
    const value = taken === undefined ? names[member] : before[member]
    if (value !== undefined) accepted[member] = value
    // The server writes its findings one after the other into the same condition: the last one stays.
    if (taken !== undefined)
      clash = {
        reason: `${member[0]!.toUpperCase()}${member.slice(1)}Conflict`,
        message: `${JSON.stringify(taken)} is already in use`,
      }
  }
  if (names.categories !== undefined) accepted["categories"] = names.categories
  return { accepted: { plural: "", kind: "", ...accepted }, ...(clash ? { clash } : {}) }
}

/** Groups of definitions: changes of a definition's table call for `serveGroup` of these. */
export function groupOfDefinition(definition: KubeObject): string {
  return (definition.spec as DefinitionSpec | undefined)?.group ?? ""
}
