import type { KubeObject } from "@gitops-toolkit/kube"
import { plainError, refusal } from "../answer.ts"
import { definitionTable } from "../custom/names.ts"
import type { EventForm } from "../read/watch.ts"
import { type Call, header, type Target } from "../wire/request.ts"
import type { Resource } from "../resource.ts"
import type { ServerState } from "../state.ts"
import { chooseForm, type Form } from "../wire/media.ts"
import { partialOf } from "./partial.ts"
import { printTable } from "./table.ts"

const types = "application/json, application/yaml, application/vnd.kubernetes.protobuf"
const streams = "application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch"

/** What is asked: only the answers about resources have more than one shape. */
export interface Endpoint {
  readonly resource: Resource
  readonly verb: string
  readonly target: Target
}

/** The form that a request asks for; 406 when there is none. */
export function formOf(call: Call, endpoint?: Endpoint): Form {
  // The status of a definition is told in no table.
  const tabled = endpoint?.target.subresource !== "status" || endpoint.resource.table !== definitionTable
  const form = chooseForm(header(call, "accept"), { shaped: endpoint !== undefined, pretty: wantsPretty(call), tabled })
  if (typeof form !== "string") return form
  // Requests about built-in resources fall through the routes, all others through the negotiation behind them.
  if (form === "unknownType" && !endpoint?.resource.custom) {
    const message = `406: Not Acceptable\n\nAvailable representations: ${produced(endpoint)}`
    throw refusal({ code: 406, reason: "NotAcceptable", message, details: {} })
  }
  throw notAcceptable(`only the following media types are accepted: ${types}`)
}

/** Whether a request about a built-in resource comes as far as its handler: 406 before that otherwise. */
export function isRouted(call: Call): boolean {
  return chooseForm(header(call, "accept"), { shaped: true, pretty: false }) !== "unknownType"
}

function produced(endpoint: Endpoint | undefined): string {
  if (endpoint?.target.subresource === "log") return `text/plain, ${types}`
  return endpoint?.verb === "list" || endpoint?.verb === "watch" ? `${types}, ${streams}` : types
}

function notAcceptable(message: string): Error {
  return refusal({ code: 406, reason: "NotAcceptable", message })
}

type Whole = KubeObject & { readonly items?: readonly KubeObject[] }

/** 406 when an answer has no such shape; told when all is done. */
function checkShape(object: Whole, { as }: Form, resource: Resource): void {
  const isList = object.items !== undefined
  if (as === "PartialObjectMetadataList" && !isList && resource.custom) throw plainError("content is not a list")
  if (as === "PartialObjectMetadataList" && !isList)
    throw notAcceptable(`you requested ${as}, but the requested object is not a list (${goTypeOf(resource, object)})`)
  if (as === "PartialObjectMetadata" && isList)
    throw notAcceptable(`you requested ${as}, but the requested object is a list (${goTypeOf(resource, object)})`)
}

/** The Go type of what the server holds; series of Events are core Events. */
function goTypeOf({ custom }: Resource, { apiVersion, kind }: KubeObject): string {
  if (custom && kind === "Scale") return "*v1.Scale"
  if (custom) return kind.endsWith("List") ? "*unstructured.UnstructuredList" : "*unstructured.Unstructured"
  const group = apiVersion.includes("/") ? apiVersion.split(/[./]/)[0]! : "core"
  return `*${group === "events" ? "core" : group}.${kind}`
}

function wantsPretty(call: Call): boolean {
  const asked = call.query.get("pretty")?.[0]
  if (asked !== undefined) return asked !== "" && asked !== "false" && asked !== "0"
  const agent = header(call, "user-agent") ?? ""
  return agent.startsWith("curl") || agent.startsWith("Wget") || agent.startsWith("Mozilla/5.0")
}

/** The object or list in the form that was asked for. */
export function shaped(
  state: ServerState,
  object: unknown,
  { form, resource, call }: { readonly form: Form; readonly resource: Resource; readonly call: Call },
): unknown {
  if (form.as === undefined || (object as KubeObject).kind === "Status") return object
  const whole = object as Whole
  checkShape(whole, form, resource)
  const version = form.version ?? "v1"
  if (form.as === "Table") return printTable(state, whole, { resource, version, call, first: true })
  if (form.as === "PartialObjectMetadata") return partialOf(whole, resource, version)
  return {
    kind: "PartialObjectMetadataList",
    apiVersion: `meta.k8s.io/${version}`,
    // Lists of custom objects tell an empty one.
    metadata: Object.fromEntries(
      Object.entries(whole.metadata).filter(([name, value]) => name !== "continue" || value !== ""),
    ),
    items: whole.items!.length === 0 ? null : whole.items!.map((item) => partialOf(item, resource, version)),
  }
}

/** How the events of a watch are written, and the type of the stream. */
export function eventFormOf(
  state: ServerState,
  call: Call,
  endpoint: Endpoint,
): EventForm & { readonly contentType: string } {
  const { resource } = endpoint
  const form = formOf(call, endpoint)
  if (form.syntax === "yaml") throw notAcceptable(`only the following media types are accepted: ${streams}`)
  const version = form.version ?? "v1"
  const contentType = "application/json"
  if (form.as === "PartialObjectMetadata") {
    return {
      key: `partial ${version}`,
      firstDiffers: false,
      contentType,
      shape: (object) => partialOf(object, resource, version),
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
