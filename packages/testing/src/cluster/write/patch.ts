import type { KubeObject } from "@gitops-toolkit/kube"
import { applyJsonPatch, applyMergePatch, applyStrategicMerge, isPatchError } from "@gitops-toolkit/patch"
import { badRequest, invalid, plainError, refusal } from "../answer.ts"
import { isNamedText, typeOfKind } from "../kinds/types.ts"
import { type Call, header } from "../wire/request.ts"
import type { Resource } from "../resource.ts"
import { bodyText, kindFault, parseOrFault, readYamlOrJson, type YamlReader } from "../wire/body.ts"
import { bareType } from "../wire/media.ts"
import { decodeValue } from "./decode.ts"
import { topologyOfResource } from "./managed.ts"
import type { WriteOptions } from "./options.ts"

/** The four patch languages by media type. */
export type PatchKind = "json" | "merge" | "strategic" | "apply"

const kinds: { readonly [type: string]: PatchKind } = {
  "application/json-patch+json": "json",
  "application/merge-patch+json": "merge",
  "application/strategic-merge-patch+json": "strategic",
  "application/apply-patch+yaml": "apply",
}

/** The language of a PATCH; 415 for what is none, or none that the resource takes. */
export function patchKindOf(call: Call, resource: Resource): PatchKind {
  const type = bareType(header(call, "content-type"))
  const kind = Object.hasOwn(kinds, type) ? kinds[type]! : undefined
  if (kind && !(kind === "strategic" && resource.custom)) return kind
  if (kind) {
    const types = Object.keys(kinds).filter((each) => kinds[each] !== "strategic")
    const message = `the body of the request was in an unknown format - accepted media types include: ${types.join(", ")}`
    throw refusal({ code: 415, reason: "UnsupportedMediaType", message })
  }
  throw refusal({ code: 415, reason: "UnsupportedMediaType", message: "415: Unsupported Media Type", details: {} })
}

/** The value that a JSON, merge or strategic patch makes of another, and the patch's text. 400 when it is none. */
export function patchBody(
  call: Call,
  kind: Exclude<PatchKind, "apply">,
  { resource }: { readonly resource: Resource },
): (live: KubeObject) => unknown {
  const { json, fault } = parseOrFault(bodyText(call))
  const prefix = kind === "strategic" ? "" : "error decoding patch: "
  if (fault !== undefined) throw badRequest(`${prefix}${fault}`)
  const wanted =
    kind === "json" ? Array.isArray(json) : typeof json === "object" && json !== null && !Array.isArray(json)
  if (!wanted) {
    const found = Array.isArray(json) ? "array" : typeof json
    const type = kind === "json" ? "[]handlers.jsonPatchOp" : "map[string]interface {}"
    throw badRequest(`${prefix}json: cannot unmarshal ${found} into Go value of type ${type}`)
  }
  if (kind === "json" && (json as unknown[]).length > operationLimit) {
    const message = `Request entity too large: The allowed maximum operations in a JSON patch is ${operationLimit}, got ${(json as unknown[]).length}`
    throw refusal({ code: 413, reason: "RequestEntityTooLarge", message })
  }
  return (live) => patched(live, kind, { patch: json, resource })
}

const operationLimit = 10_000

/** A change of the live object by a JSON, merge or strategic patch. */
export function patchChange(
  call: Call,
  kind: Exclude<PatchKind, "apply">,
  { resource, options }: { readonly resource: Resource; readonly options: WriteOptions },
): (live: KubeObject) => KubeObject {
  const text = bodyText(call)
  const patch = patchBody(call, kind, { resource })
  if (kind === "json") checkOperations(call, text, options)
  return (live) => {
    const made = patch(live) as Record<string, unknown>
    const value = kind === "strategic" ? { ...made, kind: resource.kind, apiVersion: resource.apiVersion } : made
    // A strategic patch is merged into the kind that is there: another kind in it says nothing.
    if (kind !== "strategic") checkKind(value, { text, resource })
    const decoded = decodeValue(value, resource)
    const shown = (): string => (kind === "strategic" ? goText(parseOrFault(text).json) : text)
    if (decoded.error !== undefined) throw unreadableResult(call, kind, decoded.error)
    if (decoded.finds.length > 0 && options.fieldValidation === "Strict") {
      throw unreadable(shown(), `strict decoding error: ${decoded.finds.join(", ")}`)
    }
    if (options.fieldValidation === "Warn") call.warnings.push(...decoded.finds)
    return decoded.object
  }
}

/** 422: what a patch makes cannot be read. */
export function unreadableResult(call: Call, kind: PatchKind, fault: string): Error {
  const text = bodyText(call)
  return kind === "strategic"
    ? unreadable(goText(parseOrFault(text).json), restoreFault(fault))
    : unreadable(text, fault)
}

function patched(
  live: KubeObject,
  kind: Exclude<PatchKind, "apply">,
  { patch, resource }: { readonly patch: unknown; readonly resource: Resource },
): unknown {
  try {
    if (kind === "json") return applyJsonPatch(live, patch as Parameters<typeof applyJsonPatch>[1])
    if (kind === "merge") return applyMergePatch(live, patch)
    return applyStrategicMerge(live, patch, topologyOfResource(resource))
  } catch (error) {
    throw refused(error, kind, patch)
  }
}

function refused(error: unknown, kind: PatchKind, patch: unknown): unknown {
  if (!isPatchError(error)) return error
  if (kind === "json") {
    const message = "the server rejected our request due to an error in our request"
    return refusal({ code: 422, reason: "Invalid", message, details: {} })
  }
  if (kind === "strategic" && isPatchError(error, "InvalidPatch")) return plainError(error.rawMessage)
  return invalid({ group: "", kind: "" }, "", [
    {
      reason: "FieldValueInvalid",
      message: `Invalid value: ${JSON.stringify(goText(patch))}: ${error.rawMessage}`,
      field: "patch",
    },
  ])
}

/** A value as Go's `%v` prints it. */
function goText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => goText(item)).join(" ")}]`
  if (typeof value !== "object" || value === null) return value === null ? "<nil>" : String(value)
  const names = Object.keys(value).toSorted()
  return `map[${names.map((name) => `${name}:${goText((value as Record<string, unknown>)[name])}`).join(" ")}]`
}

const goKinds: { readonly [jsonType: string]: string } = { object: "map", array: "slice", number: "int64" }

/** What the server says of a value of the wrong type that it has no text of. */
export function restoreFault(error: string): string {
  const [, jsonType = "", goType = ""] = /^json: cannot unmarshal (\S+).* of type (\S+)$/.exec(error) ?? []
  if (error.startsWith("illegal base64")) return `error decoding from json: ${error}`
  if (goType === "") return error
  if (/^json: cannot unmarshal number -?\d+\.\d/.test(error)) return `cannot convert float64 to ${goType}`
  const from = goKinds[jsonType] ?? jsonType
  if (goType.startsWith("[]")) return `cannot restore slice from ${from}`
  if (goType.startsWith("map[")) return `cannot restore map from ${from}`
  const isText = goType === "string" || isNamedText(goType)
  if (isText) return from === "int64" ? `cannot convert int64 to ${goType}` : "unrecognized type: string"
  return goType.includes(".") ? `cannot restore struct from: ${from}` : `unrecognized type: ${goType}`
}

const members: ReadonlySet<string> = new Set(["op", "path", "from", "value"])

/** Operations with members that mean nothing. */
function checkOperations(call: Call, text: string, { fieldValidation }: WriteOptions): void {
  if (fieldValidation === "Ignore") return
  const operations = parseOrFault(text).json as readonly unknown[]
  const finds = operations.flatMap((operation, index) =>
    Object.keys(typeof operation === "object" && operation !== null ? operation : {})
      .filter((name) => !members.has(name))
      .map((name) => `json patch unknown field ${JSON.stringify(`[${index}].${name}`)}`),
  )
  if (finds.length === 0) return
  if (fieldValidation === "Strict") throw unreadable(text, `strict decoding error: ${finds.join(", ")}`)
  call.warnings.push(...finds)
}

/** A patch cannot make one kind into another. */
function checkKind(value: unknown, { text, resource }: { readonly text: string; readonly resource: Resource }): void {
  const { kind = "", apiVersion = "", metadata } = (value ?? {}) as Partial<KubeObject>
  if (kind === resource.kind && apiVersion === resource.apiVersion) return
  const fault = typeof value === "object" && value !== null ? kindFault(value) : undefined
  if (fault !== undefined) throw unreadable(text, fault)
  const { group, custom } = resource
  if (custom && kind !== resource.kind) {
    const message = `Invalid value: ${JSON.stringify(kind)}: must be ${resource.kind}`
    throw invalid({ group, kind }, metadata?.name ?? "", [{ reason: "FieldValueInvalid", message, field: "kind" }])
  }
  if (!custom && !typeOfKind(apiVersion, kind)) {
    const version = JSON.stringify(apiVersion)
    throw unreadable(
      text,
      `no kind ${JSON.stringify(kind)} is registered for version ${version} in scheme "pkg/runtime/scheme.go:111"`,
    )
  }
  const from = `${apiVersion.slice(apiVersion.indexOf("/") + 1)}.${kind}`
  const to = `${group === "" ? "core" : group.split(".")[0]}.${resource.kind}`
  throw unreadable(text, `converting (${from}) to (${to}): unknown conversion`)
}

function unreadable(text: string, why: string): Error {
  return invalid({ group: "", kind: "" }, "", [
    { reason: "FieldValueInvalid", message: `Invalid value: ${JSON.stringify(text)}: ${why}`, field: "patch" },
  ])
}

/** The object of an apply body: YAML or JSON. */
export function applyBody(
  call: Call,
  readYaml: YamlReader,
): { readonly value: unknown; readonly duplicates: readonly string[] } {
  const text = bodyText(call)
  try {
    const read = readYamlOrJson(text, readYaml)
    return { value: read.json, duplicates: read.duplicates }
  } catch (error) {
    throw badRequest(`error decoding YAML: ${error instanceof Error ? error.message : String(error)}`)
  }
}
