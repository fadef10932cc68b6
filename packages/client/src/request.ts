import {
  ClusterError,
  formatRef,
  printJson,
  refOf,
  type ApplyOptions,
  type DeleteOptions,
  type KindInfo,
  type KubeObject,
  type ObjectRef,
  type PatchBody,
  type RequestOptions,
  type SelectOptions,
  type WriteOptions,
} from "@gitops-toolkit/kube"

/**
 * When a request may be sent again: `always` (sending twice does no harm), or `unreceived` (only when the server
 * cannot have carried it out).
 */
export type Repeatable = "always" | "unreceived"

/** One request to the API server, before credentials: pure data. */
export interface ApiRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE"
  readonly path: string
  readonly query: readonly (readonly [name: string, value: string])[]
  readonly contentType?: string
  readonly body?: string
  readonly repeatable: Repeatable
}

/** The path of a kind's collection, in one namespace or (without one) of the whole cluster. */
export function collectionPath(kind: KindInfo, namespace?: string): string {
  const { apiVersion, plural } = kind
  const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  return namespace !== undefined && kind.namespaced
    ? `${root}/namespaces/${segment(namespace)}/${plural}`
    : `${root}/${plural}`
}

/**
 * The path of one object. Names keep their case and are percent-encoded. Throws `BadRequest` for a namespaced kind
 * without a namespace and for names that would leave the path (`..`, `a/b`).
 */
export function objectPath(kind: KindInfo, ref: ObjectRef, subresource?: string): string {
  const path = `${collectionPath(kind, requiredNamespace(kind, ref))}/${segment(ref.name)}`
  return subresource === undefined ? path : `${path}/${segment(subresource)}`
}

function requiredNamespace(kind: KindInfo, ref: ObjectRef): string | undefined {
  if (!kind.namespaced) return undefined
  if (ref.namespace) return ref.namespace
  throw new ClusterError("BadRequest", `${formatRef(ref)}: the kind is namespaced and the namespace is missing`, {
    ref,
  })
}

// What Kubernetes calls a valid path segment name: anything else could name another resource.
function segment(text: string): string {
  if (text === "" || text === "." || text === ".." || text.includes("/") || text.includes("%")) {
    throw new ClusterError("BadRequest", `${JSON.stringify(text.slice(0, 100))} cannot be part of a path`)
  }
  return encodeURIComponent(text)
}

/** GET of one object. */
export function getRequest(kind: KindInfo, ref: ObjectRef, options: RequestOptions = {}): ApiRequest {
  return { method: "GET", path: objectPath(kind, ref, options.subresource), query: [], repeatable: "always" }
}

/** GET of a collection, with `parameters` beside the selectors; empty ones are left out. */
export function selectRequest(
  kind: KindInfo,
  options: SelectOptions,
  parameters: { readonly [name: string]: string | undefined },
): ApiRequest {
  const { namespace, labelSelector, fieldSelector } = options
  const query: [string, string][] = []
  for (const [name, value] of Object.entries({ labelSelector, fieldSelector, ...parameters })) {
    if (value !== undefined && value !== "") query.push([name, value])
  }
  return { method: "GET", path: collectionPath(kind, namespace), query, repeatable: "always" }
}

/** POST to the collection; with `subresource` to the object's (`eviction`, `token`). */
export function createRequest(kind: KindInfo, object: KubeObject, options: WriteOptions = {}): ApiRequest {
  const { subresource } = options
  const ref = refOf(object)
  const path =
    subresource === undefined ? collectionPath(kind, requiredNamespace(kind, ref)) : objectPath(kind, ref, subresource)
  return {
    method: "POST",
    path,
    query: writeQuery(options),
    contentType: "application/json",
    body: printJson(object),
    repeatable: "unreceived",
  }
}

/** PUT of the object. */
export function updateRequest(kind: KindInfo, object: KubeObject, options: WriteOptions = {}): ApiRequest {
  return {
    method: "PUT",
    path: objectPath(kind, refOf(object), options.subresource),
    query: writeQuery(options),
    contentType: "application/json",
    body: printJson(object),
    repeatable: "always",
  }
}

const patchTypes = {
  json: "application/json-patch+json",
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
} as const

/** PATCH in one of the three languages. Only a JSON patch can do something else the second time. */
export function patchRequest(
  kind: KindInfo,
  ref: ObjectRef,
  options: WriteOptions & { readonly patch: PatchBody },
): ApiRequest {
  const { patch } = options
  return {
    method: "PATCH",
    path: objectPath(kind, ref, options.subresource),
    query: writeQuery(options),
    contentType: patchTypes[patch.type],
    body: printJson(patch.type === "json" ? patch.operations : patch.patch),
    repeatable: patch.type === "json" ? "unreceived" : "always",
  }
}

/** Server-side apply. */
export function applyRequest(kind: KindInfo, object: KubeObject, options: ApplyOptions = {}): ApiRequest {
  const query = writeQuery(options)
  return {
    method: "PATCH",
    path: objectPath(kind, refOf(object), options.subresource),
    query: options.force ? [...query, ["force", "true"]] : query,
    contentType: "application/apply-patch+yaml",
    body: printJson(object),
    repeatable: "always",
  }
}

/**
 * DELETE with its options in the body. Without a uid it is not repeated once it may have been received: somebody may
 * have made a new object of that name meanwhile.
 */
export function deleteRequest(kind: KindInfo, ref: ObjectRef, options: DeleteOptions = {}): ApiRequest {
  const { preconditions, propagation = "Background", gracePeriodSeconds, dryRun } = options
  const body = {
    apiVersion: "v1",
    kind: "DeleteOptions",
    propagationPolicy: propagation,
    ...(preconditions && { preconditions }),
    ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
    ...(dryRun && { dryRun: ["All"] }),
  }
  return {
    method: "DELETE",
    path: objectPath(kind, ref, options.subresource),
    query: [],
    contentType: "application/json",
    body: printJson(body),
    repeatable: preconditions?.uid === undefined ? "unreceived" : "always",
  }
}

function writeQuery(options: WriteOptions): readonly (readonly [string, string])[] {
  const { fieldManager, fieldValidation = "Strict", dryRun } = options
  const query: [string, string][] = []
  if (fieldManager !== undefined) query.push(["fieldManager", fieldManager])
  query.push(["fieldValidation", fieldValidation])
  if (dryRun) query.push(["dryRun", "All"])
  return query
}
