import { parseJson } from "@gitops-toolkit/kube"
import { badRequest, refusal } from "../answer.ts"
import { type Call, header } from "./request.ts"
import { duplicateMembers } from "./duplicates.ts"
import { goJsonError } from "./json-error.ts"
import { bareType } from "./media.ts"
import { readProtobuf } from "./protobuf.ts"

/** The largest body that is read, in bytes. */
export const bodyLimit: number = 3 * 1024 * 1024

/** The deepest nesting that is read. */
const depthLimit = 10_000

/** A body as a value, with what a strict reading finds. */
export interface ReadBody {
  readonly text: string
  readonly value: unknown
  readonly duplicates: readonly string[]
}

const encoder = new TextEncoder()

/** The body as text; 413 when it is too large. */
export function bodyText(call: Call): string {
  const { body } = call
  if (body === undefined) return ""
  const size = typeof body === "string" ? body.length : body.byteLength
  const tooLarge =
    size > bodyLimit ||
    (typeof body === "string" && size * 3 > bodyLimit && encoder.encode(body).byteLength > bodyLimit)
  if (tooLarge) {
    throw refusal({
      code: 413,
      reason: "RequestEntityTooLarge",
      message: `Request entity too large: limit is ${bodyLimit}`,
    })
  }
  return typeof body === "string" ? body : new TextDecoder().decode(body)
}

/** 400 for text that cannot be read; `what` is the kind that the path asks for. */
function unreadable(text: string, what: string, fault: string): Error {
  const message = `the object provided is unrecognized (must be of type ${what}): couldn't get version/kind; ${fault} (${summary(text)})`
  return badRequest(message)
}

/** How the server quotes a body that it cannot read: the beginning of an object, anything else in hexadecimal digits. */
export function summary(text: string): string {
  if (text === "") return "<empty>"
  if (text[0] === "{") return text.length > 30 ? `${text.slice(0, 30)} ...` : text
  const bytes = Buffer.from(text.slice(0, 64), "utf8")
  const hex = bytes.subarray(0, 30).toString("hex")
  return bytes.length > 30 ? `${hex} ...` : hex
}

const acceptedTypes = "application/json, application/yaml, application/vnd.kubernetes.protobuf"

function unknownFormat(accepted: string): Error {
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted}`
  return refusal({ code: 415, reason: "UnsupportedMediaType", message })
}

/** 415 for protobuf: custom resources have no such form. */
export function refuseProtobuf(call: Call): void {
  if (bareType(header(call, "content-type")) === protobuf) throw unknownFormat("application/json, application/yaml")
}

const protobuf = "application/vnd.kubernetes.protobuf"

/** The YAML reader comes in by a port, since it is loaded only when YAML comes. */
export type YamlReader = (text: string) => { readonly json: unknown; readonly duplicates: readonly string[] }

/** 415 for a body in a language that the server does not read. */
export function checkBodyType(call: Call): void {
  const type = bareType(header(call, "content-type"))
  if (type !== protobuf && type !== "application/json" && type !== "application/yaml")
    throw unknownFormat(acceptedTypes)
}

/** Reads the body of a POST or PUT: JSON, YAML or, for built-in kinds, protobuf. 400, 413 and 415 like the server. */
export function readBody(call: Call, what: string, readYaml: YamlReader): ReadBody {
  const type = bareType(header(call, "content-type"))
  checkBodyType(call)
  if (type === protobuf) return readProtobufBody(call)
  const text = bodyText(call)
  return type === "application/yaml" ? readYamlBody(text, what, readYaml) : readJsonBody(text, what)
}

function readJsonBody(text: string, what: string): ReadBody {
  const value = parseOrFault(text)
  if (value.fault !== undefined) throw unreadable(text, what, `json parse error: ${value.fault}`)
  if (value.json === null) return { text, value: {}, duplicates: [] }
  checkObject(value.json, text, what)
  return { text, value: value.json, duplicates: duplicateMembers(text, value.json) }
}

/** 400 for what cannot tell its kind: no object, or one whose `kind` or `apiVersion` is no text. */
function checkObject(value: unknown, text: string, what: string): asserts value is object {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    const shape = String.raw`struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }`
    throw unreadable(
      text,
      what,
      `json parse error: json: cannot unmarshal ${jsonType(value)} into Go value of type ${shape}`,
    )
  }
  const fault = kindFault(value)
  if (fault !== undefined) throw unreadable(text, what, fault.slice("couldn't get version/kind; ".length))
}

/** Why nobody can say of which kind an object is: the first of the two members that is no text. */
export function kindFault(object: object): string | undefined {
  for (const [name, member] of Object.entries(object)) {
    if ((name !== "kind" && name !== "apiVersion") || typeof member === "string" || member === null) continue
    const fault = `json: cannot unmarshal ${jsonType(member)} into Go struct field .${name} of type string`
    return `couldn't get version/kind; json parse error: ${fault}`
  }
  return undefined
}

function jsonType(value: unknown): string {
  if (Array.isArray(value)) return "array"
  return typeof value === "boolean" ? "bool" : typeof value === "bigint" ? "number" : typeof value
}

function readProtobufBody(call: Call): ReadBody {
  bodyText(call)
  try {
    return { text: "", value: readProtobuf(call.body as Uint8Array), duplicates: [] }
  } catch (error) {
    throw badRequest(error instanceof Error ? error.message : String(error))
  }
}

function readYamlBody(text: string, what: string, readYaml: YamlReader): ReadBody {
  let read: { readonly json: unknown; readonly duplicates: readonly string[] }
  try {
    read = readYamlOrJson(text, readYaml)
  } catch (error) {
    throw unreadable(text, what, `yaml: ${error instanceof Error ? error.message : String(error)}`)
  }
  const value = read.json ?? {}
  checkObject(value, text, what)
  return { text, value, duplicates: read.duplicates }
}

/** The value of a YAML text. JSON is YAML too, and is read faster; how keys that stand twice are told is YAML's way. */
export function readYamlOrJson(text: string, readYaml: YamlReader): ReturnType<YamlReader> {
  if (text.trimStart().startsWith("{")) {
    const { json, fault } = parseOrFault(text)
    if (fault === tooDeep) throw new Error(`error converting YAML to JSON: yaml: ${tooDeep}`)
    if (fault === undefined && duplicateMembers(text, json).length === 0) return { json, duplicates: [] }
  }
  return readYaml(text)
}

const tooDeep = "exceeded max depth"

/** A JSON text's value, or Go's words for why it is none. */
export function parseOrFault(text: string): { readonly json?: unknown; readonly fault?: string } {
  try {
    const json = parseJson(text)
    // Every level takes a character at least.
    return text.length > depthLimit && isTooDeep(json) ? { fault: tooDeep } : { json }
  } catch {
    return { fault: goJsonError(text) ?? "invalid JSON" }
  }
}

function isTooDeep(value: unknown): boolean {
  try {
    return depthOf(value) > depthLimit
  } catch (error) {
    if (error instanceof RangeError) return true
    throw error
  }
}

function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0
  let deepest = 0
  for (const name in value) {
    const member = (value as Record<string, unknown>)[name]
    if (typeof member !== "object" || member === null) continue
    const depth = depthOf(member)
    if (depth > deepest) deepest = depth
  }
  return deepest + 1
}
