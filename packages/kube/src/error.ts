import type { ObjectRef } from "./ref.ts"

/** A place in a text that a person wrote: lines and columns count from 1. */
export interface SourcePosition {
  readonly path: string
  readonly line?: number
  readonly column?: number
}

/** What a `ToolkitError` carries beside its code and message. */
export interface ToolkitErrorOptions {
  /** The object that the failure is about. */
  readonly ref?: ObjectRef
  /** Whether the same call may succeed later without anybody changing anything; default false. */
  readonly retryable?: boolean
  /** File, line and column of the fault. */
  readonly at?: SourcePosition
  /** The lines around the fault with a caret under it, ready to print. */
  readonly frame?: string
  /** What caused it. */
  readonly cause?: unknown
}

const lineage = Symbol.for("@gitops-toolkit/error-lineage")

/**
 * The base of every error that the toolkit throws. `code` is PascalCase and doubles as the condition's reason, the
 * metric's label and the notification's title; the message starts with it (`[BuildFailed] …`), since many tools show
 * only the message. `instanceof` works across duplicate copies of a package.
 *
 * @example
 * throw new ToolkitError("BuildFailed", "no such file: base/", { at: { path: "kustomization.yaml", line: 2 } })
 */
export class ToolkitError<Code extends string = string> extends Error {
  readonly code: Code
  readonly ref: ObjectRef | undefined
  readonly retryable: boolean
  readonly at: SourcePosition | undefined
  readonly frame: string | undefined
  /** The message without the code in front. */
  readonly rawMessage: string

  constructor(code: Code, message: string, options: ToolkitErrorOptions = {}) {
    super(`[${code}] ${message}`, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = new.target.name
    this.code = code
    this.rawMessage = message
    this.ref = options.ref
    this.retryable = options.retryable ?? false
    this.at = options.at
    this.frame = options.frame
    Object.defineProperty(this, lineage, { value: namesOf(new.target), enumerable: false })
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    if (typeof value !== "object" || value === null) return false
    const names = (value as { [lineage]?: unknown })[lineage]
    return Array.isArray(names) && names.includes(this.name)
  }
}

function namesOf(constructor: { readonly name: string }): string[] {
  const names: string[] = []
  let current: unknown = constructor
  while (typeof current === "function" && current !== Error && current !== Function.prototype) {
    names.push(current.name)
    current = Object.getPrototypeOf(current)
  }
  return names
}

/**
 * The error's message without its code, and with the place it points at: `base/kustomization.yaml:3:5: replicas: …`.
 *
 * @example
 * placedMessageOf(new ToolkitError("BuildFailed", "a.yaml: no kind", { at: { path: "a.yaml", line: 2, column: 1 } }))   // "a.yaml:2:1: no kind"
 */
export function placedMessageOf({ at, rawMessage }: ToolkitError): string {
  if (at?.line === undefined) return rawMessage
  const place = `${at.path}:${at.line}${at.column === undefined ? "" : `:${at.column}`}`
  if (rawMessage.includes(place)) return rawMessage
  return rawMessage.startsWith(`${at.path}: `) ? place + rawMessage.slice(at.path.length) : `${rawMessage} (${place})`
}

/**
 * The text of anything that was thrown, for people: the message of an error, else its string form.
 * Never throws itself.
 *
 * @example
 * messageOf(new Error("connection refused"))   // "connection refused"
 * messageOf("gave up")   // "gave up"
 */
export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message
  try {
    return String(error)
  } catch {
    return "unprintable error"
  }
}
