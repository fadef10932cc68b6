import { current } from "../health.ts"
import type { Rule } from "../rule.ts"

const assess: Rule["assess"] = () => current("Resource is always ready")

/** Kinds that are ready as soon as they exist: ConfigMap, Secret and CronJob. */
export const alwaysReady: readonly Rule[] = [
  { group: "", kind: "ConfigMap", assess },
  { group: "", kind: "Secret", assess },
  { group: "batch", kind: "CronJob", assess },
]
