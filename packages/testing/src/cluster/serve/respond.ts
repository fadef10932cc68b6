import { randomUUID } from "node:crypto"
import type { TransportResponse } from "@gitops-toolkit/http"
import { printYaml } from "@gitops-toolkit/kube/manifest"
import type { Answer } from "../answer.ts"
import { type Call, header } from "../wire/request.ts"
import type { ServerState } from "../state.ts"
import { bodyOf, wireJson } from "../wire/write.ts"
import type { Route } from "./route.ts"
import { type Endpoint, formOf, shaped } from "./shape.ts"

function headersFor(call: Call, contentType: string, more: Answer["headers"]): Record<string, readonly string[]> {
  return {
    "audit-id": [header(call, "audit-id") ?? randomUUID()],
    "cache-control": ["no-cache, private"],
    "content-type": [contentType],
    ...(call.warnings.length > 0 ? { warning: call.warnings.map((text) => `299 - ${quoteWarning(text)}`) } : {}),
    ...more,
  }
}

function quoteWarning(text: string): string {
  return `"${text
    .replaceAll("\\", "\\\\")
    .replaceAll('"', '\\"')
    .replaceAll(/[\r\n]/g, " ")}"`
}

/** An answer as the bytes of a response, in the form that the request asks for. */
export function respond(
  state: ServerState,
  call: Call,
  { answer, route }: { readonly answer: Answer; readonly route: Route },
): TransportResponse {
  const { status } = answer
  if (answer.stream) {
    return {
      status,
      headers: headersFor(call, answer.contentType ?? "application/json", answer.headers),
      body: answer.stream,
    }
  }
  if (answer.text !== undefined) return textResponse(call, answer)
  if (answer.contentType !== undefined) return written(call, answer, wireJson(answer.object))
  const form = status >= 400 ? lenientForm(call) : formOf(call, endpointOf(route))
  const object = route.resource ? shaped(state, answer.object, { form, resource: route.resource, call }) : answer.object
  const contentType = form.syntax === "yaml" ? "application/yaml" : "application/json"
  if (form.syntax === "yaml") return textResponse(call, { ...answer, text: printYaml(object), contentType })
  return written(call, { ...answer, contentType }, wireJson(object, form.pretty))
}

function endpointOf({ target, resource, verb }: Route): Endpoint | undefined {
  return target && resource && { target, resource, verb }
}

/** Failures are told in JSON to those who accept neither of the server's types. */
function lenientForm(call: Call): ReturnType<typeof formOf> {
  try {
    return formOf(call)
  } catch {
    return { syntax: "json", pretty: false }
  }
}

function written(call: Call, answer: Answer, text: string): TransportResponse {
  const headers = headersFor(call, answer.contentType!, answer.headers)
  return { status: answer.status, headers, body: bodyOf(call.method === "HEAD" ? "" : `${text}\n`) }
}

/** An answer that is a text, or an object that is written as JSON whatever the request accepts. */
export function textResponse(call: Call, answer: Answer): TransportResponse {
  if (answer.text === undefined)
    return written(call, { ...answer, contentType: "application/json" }, wireJson(answer.object))
  const headers = headersFor(call, answer.contentType ?? "text/plain; charset=utf-8", answer.headers)
  return { status: answer.status, headers, body: bodyOf(call.method === "HEAD" ? "" : answer.text) }
}
