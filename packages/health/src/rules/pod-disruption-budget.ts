import { current } from "../health.ts"
import type { Rule } from "../rule.ts"

/** A PodDisruptionBudget is ready once its controller has seen it, which the generations have told before. */
export const podDisruptionBudget: Rule = {
  group: "policy",
  kind: "PodDisruptionBudget",
  assess: () => current("AllowedDisruptions has been computed."),
}
