import { ToolkitError, type ToolkitErrorOptions } from "@gitops-toolkit/kube"

/** Why something of this package could not do what it was asked. */
export type TestingErrorCode =
  | "BinaryMissing"
  | "InvalidOptions"
  | "KindNotServed"
  | "PackageMissing"
  | "Refused"
  | "ServerClosed"
  | "StartFailed"
  | "StopFailed"

/**
 * The error of this package. `Refused` carries the Status with which the embedded API server answers.
 *
 * @example
 * throw new TestingError("InvalidOptions", "users: the token of alice is empty")
 */
export class TestingError extends ToolkitError<TestingErrorCode> {
  /** The answer that the embedded server gives for it; only with `Refused`. */
  readonly answer: unknown

  constructor(
    code: TestingErrorCode,
    message: string,
    options: ToolkitErrorOptions & { readonly answer?: unknown } = {},
  ) {
    super(code, message, options)
    this.answer = options.answer
  }
}
