import type { KubeObject } from "@gitops-toolkit/kube"
import { badRequest } from "../answer.ts"
import { partialOf } from "./partial.ts"
import { type Call, parameter } from "../wire/request.ts"
import type { Resource } from "../resource.ts"
import type { ServerState } from "../state.ts"
import { scaleShapeOf, type TableShape, tableShapeOf } from "../tables/index.ts"

const nameText =
  "Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names"
const createdText =
  "CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata"

/** The Table of a kind that has none of its own: name and time of creation. */
const plainShape: TableShape = {
  columns: [
    { name: "Name", type: "string", format: "name", description: nameText, priority: 0 },
    { name: "Created At", type: "date", format: "", description: createdText, priority: 0 },
  ],
  cells: ({ metadata }) => [metadata.name ?? "", metadata.creationTimestamp ?? null],
}

interface TableOptions {
  readonly resource: Resource
  readonly version: string
  readonly call: Call
  /** Columns stand only in the first Table of a watch. */
  readonly first: boolean
}

/** An object or list as a Table. */
export function printTable(
  state: ServerState,
  whole: KubeObject & { readonly items?: readonly KubeObject[] },
  { resource, version, call, first }: TableOptions,
): unknown {
  const shape = whole.kind === "Scale" ? scaleShapeOf(resource) : (tableShapeOf(resource) ?? plainShape)
  const objects = whole.items ?? [whole]
  const include = parameter(call, "includeObject") ?? "Metadata"
  if (!["None", "Metadata", "Object"].includes(include)) {
    const why = `Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(include)}: must be 'Metadata', 'Object', 'None', or empty`
    throw badRequest(why)
  }
  const rows = objects.map((object) => ({
    cells: shape.cells(object, state.clock.now()),
    object: include === "None" ? null : rowObject(object, { resource, version, include }),
  }))
  const { resourceVersion, continue: next, remainingItemCount } = whole.metadata as Record<string, unknown>
  return {
    kind: "Table",
    apiVersion: `meta.k8s.io/${version}`,
    metadata: {
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(next ? { continue: next } : {}),
      ...(remainingItemCount === undefined ? {} : { remainingItemCount }),
    },
    columnDefinitions: first ? shape.columns : null,
    // The server's own way to print what has no columns of its own starts without a list.
    rows: rows.length === 0 && !resource.custom && shape.columns[1]?.name === "Created At" ? null : rows,
  }
}

function rowObject(
  object: KubeObject,
  { resource, version, include }: { readonly resource: Resource; readonly version: string; readonly include: string },
): object {
  // Items of a list say neither what they are; a Scale is not of the resource's kind.
  if (include === "Object") return { ...{ kind: resource.kind, apiVersion: resource.apiVersion }, ...object }
  return partialOf(object, resource, version)
}
