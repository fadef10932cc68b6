import { ToolkitError, type ToolkitErrorOptions } from "@gitops-toolkit/kube"

/**
 * What can go wrong in telling.
 *
 * - `InvalidConfig`: a channel, rule or receiver cannot be made of these options.
 * - `InvalidEvent`: a text is no event, or an event lacks what the channel needs (a commit, for a commit status).
 * - `DeliveryFailed`: the other side did not take the message; `retryable` unless it never will.
 * - `OutboxFull`: a message was dropped because too many wait.
 */
export type NotifyErrorCode = "InvalidConfig" | "InvalidEvent" | "DeliveryFailed" | "OutboxFull"

/** What a `NotifyError` carries beside what every `ToolkitError` does. */
export interface NotifyErrorOptions extends ToolkitErrorOptions {
  /** The HTTP status; absent when no answer came. */
  readonly status?: number
  /** How long the other side asks to wait. */
  readonly retryAfterMs?: number
}

/** The error of this package. Messages name hosts, never paths or queries: those of webhooks are secrets. */
export class NotifyError extends ToolkitError<NotifyErrorCode> {
  readonly status: number | undefined
  readonly retryAfterMs: number | undefined

  constructor(code: NotifyErrorCode, message: string, options: NotifyErrorOptions = {}) {
    super(code, message, options)
    this.status = options.status
    this.retryAfterMs = options.retryAfterMs
  }
}
