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
  const version = operation === "Apply" ? undefined : apiVersion
  return JSON.stringify({
    ...(manager ? { manager } : {}),
    operation,
    ...(version ? { apiVersion: version } : {}),
    ...(subresource ? { subresource } : {}),
  })
}

/** The inverse of `managerId`. */
export function identityOf(id: string): ManagerIdentity {
  return JSON.parse(id) as ManagerIdentity
}

/** The identity of the manager of an entry. */
export function idOfEntry(entry: ManagedFieldsEntry): string {
  return managerId({ ...entry, operation: entry.operation ?? "Update" })
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
