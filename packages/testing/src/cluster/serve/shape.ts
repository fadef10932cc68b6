import type { KubeObject } from "@gitops-toolkit/kube"
import { refusal } from "../answer.ts"
import type { EventForm } from "../read/watch.ts"
import { type Call, header } from "../wire/request.ts"
import type { Resource } from "../resource.ts"
import type { ServerState } from "../state.ts"
import { chooseForm, type Form } from "../wire/media.ts"
import { printTable } from "./table.ts"

/** What a form is for: one object or a list of a resource, or something without shapes. */
export type FormKind = "one" | "list" | "none"

const types = "application/json, application/yaml, application/vnd.kubernetes.protobuf"

/** The form that a request asks for; 406 when there is none. */
export function formOf(call: Call, kind: FormKind, resource?: Resource): Form {
  const partial = kind === "one" ? "PartialObjectMetadata" : kind === "list" ? "PartialObjectMetadataList" : undefined
  const form = chooseForm(header(call, "accept"), { tables: kind !== "none", partial }, wantsPretty(call))
  if (typeof form !== "string") return form
  const notAcceptable = { code: 406, reason: "NotAcceptable" }
  if (form === "unknownType") {
    throw refusal({
      ...notAcceptable,
      message: `406: Not Acceptable\n\nAvailable representations: ${types}`,
      details: {},
    })
  }
  if (form === "unknownShape" || !resource) {
    throw refusal({ ...notAcceptable, message: `only the following media types are accepted: ${types}` })
  }
  const go = goTypeOf(resource, kind)
  const message =
    form === "notAList"
      ? `you requested PartialObjectMetadataList, but the requested object is not a list (${go})`
      : `you requested PartialObjectMetadata, but the requested object is a list (${go})`
  throw refusal({ ...notAcceptable, message })
}

function goTypeOf({ custom, group, kind, listKind }: Resource, form: FormKind): string {
  if (custom) return form === "list" ? "*unstructured.UnstructuredList" : "*unstructured.Unstructured"
  const name = group === "" ? "core" : group.split(".")[0]!
  return `*${name}.${form === "list" ? listKind : kind}`
}

function wantsPretty(call: Call): boolean {
  const asked = call.query.get("pretty")?.[0]
  if (asked !== undefined) return asked !== "" && asked !== "false" && asked !== "0"
  const agent = header(call, "user-agent") ?? ""
  return agent.startsWith("curl") || agent.startsWith("Wget") || agent.startsWith("Mozilla/5.0")
}

/** An object with its metadata alone. */
export function partialOf(object: KubeObject, version: string): object {
  return { kind: "PartialObjectMetadata", apiVersion: `meta.k8s.io/${version}`, metadata: object.metadata }
}

/** The object or list in the form that was asked for. */
export function shaped(
  state: ServerState,
  object: unknown,
  { form, resource, call }: { readonly form: Form; readonly resource: Resource; readonly call: Call },
): unknown {
  if (form.as === undefined || (object as KubeObject).kind === "Status") return object
  const whole = object as KubeObject & { readonly items?: readonly KubeObject[] }
  const version = form.version ?? "v1"
  if (form.as === "Table") return printTable(state, whole, { resource, version, call, first: true })
  if (form.as === "PartialObjectMetadata") return partialOf(whole, version)
  return {
    kind: "PartialObjectMetadataList",
    apiVersion: `meta.k8s.io/${version}`,
    metadata: whole.metadata,
    items: (whole.items ?? []).map((item) => partialOf(item, version)),
  }
}

/** How the events of a watch are written, and the type of the stream. */
export function eventFormOf(
  state: ServerState,
  call: Call,
  resource: Resource,
): EventForm & { readonly contentType: string } {
  const form = formOf(call, "one", resource)
  if (form.syntax === "yaml")
    throw refusal({
      code: 406,
      reason: "NotAcceptable",
      message: `only the following media types are accepted: ${types}`,
    })
  const version = form.version ?? "v1"
  const contentType = "application/json"
  if (form.as === "PartialObjectMetadata") {
    return {
      key: `partial ${version}`,
      firstDiffers: false,
      contentType,
      shape: (object) => partialOf(object, version),
    }
  }
  if (form.as === "Table") {
    const shape = (object: KubeObject, first: boolean): unknown =>
      printTable(state, object, { resource, version, call, first })
    return {
      key: `table ${version} ${call.query.get("includeObject")?.[0] ?? ""}`,
      firstDiffers: true,
      contentType,
      shape,
    }
  }
  return { key: "json", firstDiffers: false, contentType, shape: (object) => object }
}
