import type { KubeObject } from "@gitops-toolkit/kube"
import type { Resource } from "../resource.ts"
import type { ServerState } from "../state.ts"

/** What the server itself adds to a new object of some kinds, beyond defaults. */
export interface Allocation {
  readonly object: KubeObject
  /** What was taken from a pool for it, to be given back when it is not stored. */
  readonly taken: readonly string[]
}

type Preparer = (object: KubeObject, state: ServerState) => KubeObject

const withLabel = (object: KubeObject, name: string, value: string): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, labels: { ...object.metadata.labels, [name]: value } },
})

const preparers: { readonly [table: string]: Preparer } = {
  namespaces: (object) => ({
    ...withLabel(object, "kubernetes.io/metadata.name", object.metadata.name ?? ""),
    spec: { ...(object.spec as object | undefined), finalizers: ["kubernetes"] },
  }),
}

/** Adds what the server allocates; `dryRun` takes nothing from the pools. */
export function allocate(
  state: ServerState,
  object: KubeObject,
  { resource }: { readonly resource: Resource; readonly dryRun: boolean },
): Allocation {
  const prepare = resource.custom ? undefined : preparers[resource.table]
  return { object: prepare ? prepare(object, state) : object, taken: [] }
}

/** Gives back what was taken for an object that is not stored. */
export function released(state: ServerState, taken: readonly string[]): void {
  void state
  void taken
}
