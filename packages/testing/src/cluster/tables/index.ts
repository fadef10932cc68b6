import type { KubeObject } from "@gitops-toolkit/kube"
import type { Resource } from "../resource.ts"

/** One column of a Table. */
export interface TableColumn {
  readonly name: string
  readonly type: string
  readonly format: string
  readonly description: string
  readonly priority: number
}

/** The columns of a kind and what stands in them. */
export interface TableShape {
  readonly columns: readonly TableColumn[]
  readonly cells: (object: KubeObject, nowMs: number) => readonly unknown[]
}

const shapes: { readonly [table: string]: TableShape } = {}

/** The Table of a built-in kind; undefined for kinds that have only name and age. */
export function tableShapeOf(resource: Resource): TableShape | undefined {
  return Object.hasOwn(shapes, resource.table) ? shapes[resource.table] : undefined
}
