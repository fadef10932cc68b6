export { assess, type AssessOptions } from "./assess.ts"
export { healthConditions, writeHealthConditions, type HealthCondition } from "./conditions.ts"
export { HealthError, type HealthErrorCode } from "./error.ts"
export { explain, printExplanation, type ExplainOptions, type Explanation } from "./explain.ts"
export { current, failed, inProgress, unknown, type Health, type HealthStatus } from "./health.ts"
export { defineRule, type AssessContext, type Rule } from "./rule.ts"
export { completedJob, isJob } from "./rules/job.ts"
export {
  settle,
  type HealthEvent,
  type HealthReport,
  type ObjectHealth,
  type SettleOptions,
  type SettleTarget,
} from "./settle.ts"
export { summarize } from "./summarize.ts"
