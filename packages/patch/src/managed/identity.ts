import type { ManagedFieldsEntry } from "@gitops-toolkit/kube"
import type { Versions } from "../structured-merge.ts"
import type { FieldSet } from "../field-set.ts"
import type { Topology } from "../topology.ts"

/** Who writes, in which version, when. */
export interface WriterOptions {
  /** The field manager; empty counts as `unknown`. */
  readonly manager: string
  readonly apiVersion: string
  readonly topology: Topology
  /** The time of the write: it is recorded to the second when the write changes anything. */
  readonly now: Date
  /** The sub-resource that is written, recorded with the fields; default: the object itself. */
  readonly subresource?: string | undefined
  /** The other versions of the kind; default: none exist. */
  readonly versions?: Versions | undefined
  /** Takes out fields that this endpoint resets and so nobody may own; default: none. See `withoutFields`. */
  readonly owned?: ((fields: FieldSet, apiVersion: string) => FieldSet) | undefined
}

/** What tells managers apart. An applier is the same in all versions, an updater is not. */
export interface ManagerIdentity {
  readonly manager?: string | undefined
  readonly operation: "Apply" | "Update"
  readonly apiVersion?: string | undefined
  readonly subresource?: string | undefined
}

/** The identity as text, in the server's form: equal for two entries of the same manager. */
export function managerId({ manager, operation, apiVersion, subresource }: ManagerIdentity): string {
  let id = manager ? `{"manager":${JSON.stringify(manager)},"operation":"${operation}"` : `{"operation":"${operation}"`
  if (operation !== "Apply" && apiVersion) id += `,"apiVersion":${JSON.stringify(apiVersion)}`
  return subresource ? `${id},"subresource":${JSON.stringify(subresource)}}` : `${id}}`
}

/** Few managers write many objects. */
const known = new Map<string, ManagerIdentity>()
const maxKnown = 100

/** The inverse of `managerId`. */
export function identityOf(id: string): ManagerIdentity {
  let identity = known.get(id)
  if (!identity) {
    identity = JSON.parse(id) as ManagerIdentity
    if (known.size >= maxKnown) known.clear()
    known.set(id, identity)
  }
  return identity
}

/** The identity of the manager of an entry. */
export function idOfEntry({ manager, operation = "Update", apiVersion, subresource }: ManagedFieldsEntry): string {
  return managerId({ manager, operation, apiVersion, subresource })
}

/** The identity under which a writer is recorded. */
export function idOfWriter(writer: WriterOptions, operation: "Apply" | "Update"): string {
  return managerId({
    manager: writer.manager === "" ? "unknown" : writer.manager,
    operation,
    apiVersion: writer.apiVersion,
    subresource: writer.subresource,
  })
}
