import type { KubeObject } from "@gitops-toolkit/kube"
import { applyJsonPatch, applyMergePatch, applyStrategicMerge } from "@gitops-toolkit/patch"
import { badRequest, invalid, refusal } from "../answer.ts"
import { type Call, header } from "../request.ts"
import type { Resource } from "../resource.ts"
import { bodyText, parseOrFault, type YamlReader } from "../wire/body.ts"
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
  const types = Object.entries(kinds).filter(([, each]) => !(each === "strategic" && resource.custom))
  const names = types.map(([name]) => name).join(", ")
  throw refusal({
    code: 415,
    reason: "UnsupportedMediaType",
    message: `the body of the request was in an unknown format - accepted media types include: ${names}`,
  })
}

/** A change of the live object by a JSON, merge or strategic patch. */
export function patchChange(
  call: Call,
  kind: Exclude<PatchKind, "apply">,
  { resource, options }: { readonly resource: Resource; readonly options: WriteOptions },
): (live: KubeObject) => KubeObject {
  const text = bodyText(call)
  const { json, fault } = parseOrFault(text)
  if (fault !== undefined) throw badRequest(kind === "json" ? `error decoding patch: ${fault}` : fault)
  return (live) => {
    const result = patched(live, kind, { patch: json, resource })
    const decoded = decodeValue(result as Record<string, unknown>, resource)
    if (decoded.error !== undefined) throw unreadable(text, decoded.error)
    if (decoded.finds.length > 0 && options.fieldValidation === "Strict") {
      throw unreadable(text, `strict decoding error: ${decoded.finds.join(", ")}`)
    }
    if (options.fieldValidation === "Warn") call.warnings.push(...decoded.finds)
    return decoded.object
  }
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
    const message = error instanceof Error ? error.message : String(error)
    throw refusal({ code: 422, reason: "Invalid", message, details: {} })
  }
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
  const json = text.trimStart().startsWith("{") ? parseOrFault(text) : { fault: "yaml" }
  if (json.fault === undefined) return { value: json.json, duplicates: [] }
  try {
    const read = readYaml(text)
    return { value: read.json, duplicates: read.duplicates }
  } catch (error) {
    throw badRequest(`error decoding YAML: ${error instanceof Error ? error.message : String(error)}`)
  }
}
