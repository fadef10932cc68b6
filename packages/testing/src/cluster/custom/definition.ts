import type { Topology } from "@gitops-toolkit/patch"

/** A structural schema: what the server keeps of `openAPIV3Schema`. */
export interface Schema {
  readonly type?: string
  readonly properties?: { readonly [name: string]: Schema }
  readonly additionalProperties?: Schema | boolean
  readonly items?: Schema
  readonly nullable?: boolean
  readonly default?: unknown
  readonly [keyword: string]: unknown
}

/** One column of a Table, as a definition declares it. */
export interface PrinterColumn {
  readonly name: string
  readonly type: string
  readonly format?: string
  readonly description?: string
  readonly priority?: number
  readonly jsonPath: string
}

/** What the server needs to know of one version of a custom resource. */
export interface CustomVersion {
  readonly schema: Schema | undefined
  /** The schema of the version that is stored: its defaults are added when an object is read. */
  readonly storedSchema: Schema | undefined
  /** Nothing is pruned. */
  readonly preserveUnknown: boolean
  readonly status: boolean
  readonly scale:
    | { readonly specReplicasPath: string; readonly statusReplicasPath: string; readonly labelSelectorPath?: string }
    | undefined
  /** Dotted paths without the dot in front. */
  readonly selectableFields: readonly string[]
  readonly columns: readonly PrinterColumn[] | undefined
  /** The text of the `Warning` header of a deprecated version. */
  readonly deprecation: string | undefined
  readonly topology: Topology
  /** The definition's name and state. */
  readonly definition: string
  readonly terminating: boolean
}
