import { ToolkitError, type ToolkitErrorOptions } from "@gitops-toolkit/kube"
import type { HealthReport } from "./report.ts"

/** Why waiting ended without health: `NotHealthy`, some object failed or was not ready in time. */
export type HealthErrorCode = "NotHealthy"

/** What `settle` throws. `report` holds the last known health of every object. */
export class HealthError extends ToolkitError<HealthErrorCode> {
  readonly report: HealthReport

  constructor(
    code: HealthErrorCode,
    message: string,
    options: ToolkitErrorOptions & { readonly report: HealthReport },
  ) {
    super(code, message, options)
    this.report = options.report
  }
}
