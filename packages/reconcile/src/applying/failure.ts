import {
  formatRef,
  isClusterError,
  isSecret,
  messageOf,
  redactText,
  ToolkitError,
  type KubeObject,
  type ObjectRef,
  type StatusCause,
} from "@gitops-toolkit/kube"
import type { ObjectFailure, ReconcileErrorCode } from "../error.ts"

/** A failure that this package states itself. */
export function failureOf(
  ref: ObjectRef,
  code: ReconcileErrorCode,
  { message, retryable = false }: { readonly message: string; readonly retryable?: boolean },
): ObjectFailure {
  return { ref, code, message, retryable }
}

/**
 * The failure of one object, made of what a request threw. Values of a Secret that the server quotes are masked.
 * Rethrows what is no `ToolkitError`: an abort, or a defect of ours.
 */
export function failureFrom(ref: ObjectRef, error: unknown, object?: KubeObject): ObjectFailure {
  if (!(error instanceof ToolkitError)) throw error
  const prefix = `${formatRef(ref)}: `
  const text = error.rawMessage.startsWith(prefix) ? error.rawMessage.slice(prefix.length) : error.rawMessage
  const message = object && isSecret(object) ? redactText(text, { secrets: valuesOf(object) }) : text
  const fields = isClusterError(error) ? fieldsOf(error.causes, text) : []
  const failure = { ref, code: error.code, message, retryable: error.retryable || isNamespaceTerminating(error) }
  return fields.length > 0 ? { ...failure, fields } : failure
}

// Server-side apply names its fields in the text only, a line each: `.spec.replicas: expected numeric, got string`.
function fieldsOf(causes: readonly StatusCause[], text: string): string[] {
  const named = causes.flatMap(({ field }) => (field ? [field] : []))
  if (named.length > 0) return [...new Set(named)]
  return text.split("\n", 100).flatMap((line) => /^\s*\.([^\s:]{1,300}): /.exec(line)?.[1] ?? [])
}

/** True when `error` says that the object's namespace is being deleted: a later try may find it gone. */
export function isNamespaceTerminating(error: unknown): boolean {
  if (!isClusterError(error, "Forbidden")) return false
  return (
    error.causes.some(({ reason }) => reason === "NamespaceTerminating") || /being terminated/.test(messageOf(error))
  )
}

const immutableText =
  /(?:^|[^t] |value: )(?:field|value|spec|.{0,100}) ?is immutable|immutable field|may not change once set|cannot change roleRef|updates to .{1,40} spec for fields other than/i

/**
 * True when the server refused a change only because fields are immutable: then a recreation would help. A validation
 * error beside it is none of the kind, and never leads to a deletion.
 *
 * @example
 * isImmutableError(new ClusterError("Invalid", 'Job.batch "migrate" is invalid: spec.template: field is immutable'))   // true
 * isImmutableError(new ClusterError("Invalid", 'Job.batch "migrate" is invalid: spec.parallelism: must be non-negative'))   // false
 */
export function isImmutableError(error: unknown): boolean {
  if (!isClusterError(error, "Invalid")) return false
  if (error.causes.length === 0) return saysImmutable(error.rawMessage)
  return error.causes.every(({ message = "" }) => saysImmutable(message))
}

/** True when a server's text says that a field cannot be changed. */
export function saysImmutable(text: string): boolean {
  return !/\bnot immutable\b/i.test(text) && immutableText.test(text)
}

function valuesOf(object: KubeObject): string[] {
  return ["data", "stringData"].flatMap((field) => {
    const values = object[field]
    if (typeof values !== "object" || values === null) return []
    return Object.values(values).flatMap((value) => {
      if (typeof value !== "string") return []
      return field === "data" ? [value, Buffer.from(value, "base64").toString("utf8")] : [value]
    })
  })
}
