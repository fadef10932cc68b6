import type { StatusCause } from "@gitops-toolkit/kube"
import { TestingError } from "../error.ts"

/** One entry of the `details.causes` of a Status; `field` is the path in the server's notation. */
export interface Cause extends StatusCause {
  readonly reason: string
  readonly message: string
  readonly field: string
}

/** The `details` of a Status. */
export interface StatusDetails {
  readonly name?: string
  readonly group?: string
  readonly kind?: string
  readonly uid?: string
  readonly causes?: readonly StatusCause[]
  readonly retryAfterSeconds?: number
}

/** An object of kind Status, as the server answers it. */
export interface Status {
  readonly kind: "Status"
  readonly apiVersion: "v1"
  readonly metadata: Record<string, unknown>
  readonly status: "Success" | "Failure"
  readonly message?: string
  readonly reason?: string
  readonly details?: StatusDetails
  readonly code?: number
}

/** An answer before it is written: an object, a text, or a stream of bytes. */
export interface Answer {
  readonly status: number
  readonly object?: unknown
  readonly text?: string
  readonly contentType?: string
  readonly stream?: AsyncIterable<Uint8Array>
  readonly headers?: { readonly [name: string]: readonly string[] }
}

/** Group and plural of what a failure is about. */
export interface ResourceName {
  readonly group: string
  readonly plural: string
  readonly kind: string
}

/** A failure as the server tells it. */
export interface Failure {
  readonly code: number
  readonly reason?: string
  readonly message: string
  readonly details?: StatusDetails
  readonly headers?: { readonly [name: string]: readonly string[] }
}

/** The Status of a failure. */
export function failureStatus({ code, reason, message, details }: Failure): Status {
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message,
    ...(reason === undefined ? {} : { reason }),
    ...(details === undefined ? {} : { details }),
    code,
  }
}

/** The error that ends a request with `failure`. */
export function refusal(failure: Failure): TestingError {
  const answer: Answer = {
    status: failure.code,
    object: failureStatus(failure),
    ...(failure.headers === undefined ? {} : { headers: failure.headers }),
  }
  return new TestingError("Refused", failure.message, { answer })
}

/** The answer of a refusal, or undefined when `error` is something else. */
export function answerOf(error: unknown): Answer | undefined {
  return error instanceof TestingError && error.code === "Refused" ? (error.answer as Answer) : undefined
}

/** `configmaps`, `deployments.apps`: how messages name a resource. */
export function qualified({ group, plural }: ResourceName): string {
  return group === "" ? plural : `${plural}.${group}`
}

function detailsOf(resource: ResourceName, name: string): StatusDetails {
  return {
    ...(name === "" ? {} : { name }),
    ...(resource.group === "" ? {} : { group: resource.group }),
    kind: resource.plural,
  }
}

/** 404: there is no such object. */
export function notFound(resource: ResourceName, name: string): TestingError {
  const message = `${qualified(resource)} ${JSON.stringify(name)} not found`
  return refusal({ code: 404, reason: "NotFound", message, details: detailsOf(resource, name) })
}

/** 409: the name is taken, perhaps by an object that is about to go. */
export function alreadyExists(resource: ResourceName, name: string, isBeingDeleted: boolean): TestingError {
  const taken = `${qualified(resource)} ${JSON.stringify(name)} already exists`
  const message = isBeingDeleted ? `object is being deleted: ${taken}` : taken
  return refusal({ code: 409, reason: "AlreadyExists", message, details: detailsOf(resource, name) })
}

/** 409: the object is not the one that the request was made for. */
export function conflict(resource: ResourceName, name: string, why: string = objectModified): TestingError {
  const message = `Operation cannot be fulfilled on ${qualified(resource)} ${JSON.stringify(name)}: ${why}`
  return refusal({ code: 409, reason: "Conflict", message, details: detailsOf(resource, name) })
}

/** What the server says when a resourceVersion is not the newest. */
export const objectModified =
  "the object has been modified; please apply your changes to the latest version and try again"

/** 403 by the server's own rules; `who` is the subject in the message. */
export function forbidden(resource: ResourceName, name: string, why: string): TestingError {
  const subject = name === "" ? qualified(resource) : `${qualified(resource)} ${JSON.stringify(name)}`
  const message = `${subject} is forbidden: ${why}`
  return refusal({ code: 403, reason: "Forbidden", message, details: detailsOf(resource, name) })
}

/** 400: the request makes no sense. */
export function badRequest(message: string): TestingError {
  return refusal({ code: 400, reason: "BadRequest", message })
}

/** 500 with the server's wording. */
export function internalError(cause: string): TestingError {
  return refusal({
    code: 500,
    reason: "InternalError",
    message: `Internal error occurred: ${cause}`,
    details: { causes: [{ message: cause } as Cause] },
  })
}

/** 500 without a reason: what the server answers for plain errors of its own code. */
export function plainError(message: string): TestingError {
  return refusal({ code: 500, message })
}

/** 405 for a verb that a resource has not. */
export function methodNotAllowed(): TestingError {
  const message = "the server does not allow this method on the requested resource"
  return refusal({ code: 405, reason: "MethodNotAllowed", message, details: {} })
}

/** 405 of custom resources: it names the verb. */
export function methodNotSupported(resource: ResourceName, verb: string): TestingError {
  const message = `${verb} is not supported on resources of kind ${JSON.stringify(qualified(resource))}`
  return refusal({ code: 405, reason: "MethodNotAllowed", message, details: detailsOf(resource, "") })
}

/** 404 for a path below a known group whose resource is not served. */
export function resourceNotServed(): TestingError {
  return refusal({
    code: 404,
    reason: "NotFound",
    message: "the server could not find the requested resource",
    details: {},
  })
}

/** 422 with its causes. */
export function invalid(
  kind: { readonly group: string; readonly kind: string },
  name: string,
  causes: readonly Cause[],
): TestingError {
  const text = [
    ...new Set(causes.map((cause) => (cause.field === "" ? cause.message : `${cause.field}: ${cause.message}`))),
  ]
  const list = text.length === 1 ? text[0]! : `[${text.join(", ")}]`
  const subject = kind.group === "" ? kind.kind : `${kind.kind}.${kind.group}`
  return refusal({
    code: 422,
    reason: "Invalid",
    message: `${subject} ${JSON.stringify(name)} is invalid: ${list}`,
    details: {
      ...(name === "" ? {} : { name }),
      ...(kind.group === "" ? {} : { group: kind.group }),
      ...(kind.kind === "" ? {} : { kind: kind.kind }),
      causes,
    },
  })
}

/** The plain-text 404 of paths that nothing serves. */
export const notFoundText: Answer = {
  status: 404,
  text: "404 page not found\n",
  contentType: "text/plain; charset=utf-8",
}
