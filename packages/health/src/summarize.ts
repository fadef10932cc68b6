import type { HealthStatus } from "./health.ts"

/**
 * One status for many, as kstatus' aggregator has it: any `Failed` makes `Failed`, else any `Unknown` makes `Unknown`,
 * else all as wanted (an empty list too) make the wanted one, else `InProgress`. `wanted` is `Current`, or `NotFound`
 * while waiting for a deletion.
 *
 * @example
 * summarize([{ status: "Current" }, { status: "InProgress" }])   // "InProgress"
 */
export function summarize(
  healths: Iterable<{ readonly status: HealthStatus }>,
  wanted: HealthStatus = "Current",
): HealthStatus {
  let [unknown, missing] = [false, false]
  for (const { status } of healths) {
    if (status === "Failed") return "Failed"
    if (status === "Unknown") unknown = true
    if (status !== wanted) missing = true
  }
  if (unknown) return "Unknown"
  return missing ? "InProgress" : wanted
}
