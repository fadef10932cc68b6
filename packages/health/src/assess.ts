import { kindKeyOf, type KubeObject } from "@gitops-toolkit/kube"
import { current, failed, inProgress, unknown, type Health } from "./health.ts"
import { conditionsIn, hasInvalidConditions, integerOf, textAt, valueAt } from "./read.ts"
import { isRuleFor, type AssessContext, type Rule } from "./rule.ts"
import { builtInRules } from "./rules/index.ts"

/** Options of `assess`. */
export interface AssessOptions {
  /**
   * Milliseconds since the epoch. Without it nothing is judged by age: a pod that cannot be scheduled stays
   * `InProgress` instead of being `Failed` 15 seconds after its creation.
   */
  readonly now?: number
}

const unaged: AssessContext = { now: undefined }

/**
 * The health of `object`; of undefined it is `NotFound`. The rules are kstatus' (sigs.k8s.io/cli-utils), in its order:
 * deletion; a generation that the controller has not observed; the conditions `Reconciling` and `Stalled`; `rules`;
 * the built-in rule of the kind; the condition `Ready`; else `Current`.
 * Pure: the same object, rules and `now` give the same answer. Never throws for an object of whatever content: what
 * cannot be judged is `Unknown`. Where kstatus surprises (a running Job and a failed Pod are `Current`), so does this;
 * `completedJob` and rules of your own say otherwise.
 *
 * @example
 * assess({ apiVersion: "v1", kind: "Service", metadata: { name: "a" } })   // { status: "Current", message: "Service is ready" }
 */
export function assess(
  object: KubeObject | undefined,
  rules: readonly Rule[] = [],
  options: AssessOptions = {},
): Health {
  if (object === undefined) return { status: "NotFound", message: "Resource not found" }
  const context = options.now === undefined ? unaged : { now: options.now }
  const fitting = rules.filter((rule) => isRuleFor(rule, object))
  return (
    answerOf(fitting, true, { object, context }) ??
    assessDeletion(object) ??
    assessGeneration(object) ??
    assessStandardConditions(object) ??
    answerOf(fitting, false, { object, context }) ??
    builtInRules.get(kindKeyOf(object))?.assess(object, context) ??
    assessReady(object) ??
    current("Resource is current")
  )
}

function answerOf(
  rules: readonly Rule[],
  first: boolean,
  { object, context }: { readonly object: KubeObject; readonly context: AssessContext },
): Health | undefined {
  for (const rule of rules) {
    const health = (rule.first ?? false) === first ? rule.assess(object, context) : undefined
    if (health) return health
  }
  return undefined
}

function assessDeletion(object: KubeObject): Health | undefined {
  if (textAt(object, "metadata", "deletionTimestamp") === "") return undefined
  return { status: "Terminating", message: "Resource scheduled for deletion" }
}

function assessGeneration(object: KubeObject): Health | undefined {
  const wanted = valueAt(object, ["metadata", "generation"])
  const seen = valueAt(object, ["status", "observedGeneration"])
  for (const [field, value] of Object.entries({ "metadata.generation": wanted, "status.observedGeneration": seen })) {
    if (value !== undefined && integerOf(value) === undefined) {
      return unknown("InvalidGeneration", `${field} is not an integer`)
    }
  }
  const [generation, observed] = [integerOf(wanted), integerOf(seen)]
  if (generation === undefined || observed === undefined || generation === observed) return undefined
  const message = `${object.kind} generation is ${generation}, but latest observed generation is ${observed}`
  return inProgress("LatestGenerationNotObserved", message)
}

function assessStandardConditions(object: KubeObject): Health | undefined {
  if (hasInvalidConditions(object)) return unknown("InvalidConditions", "status.conditions is not a list")
  for (const { type, status, reason, message } of conditionsIn(object)) {
    if (type === "Reconciling" && status === "True") return inProgress(reason, message)
    if (type === "Stalled" && status === "True") return failed(reason, message)
  }
  return undefined
}

function assessReady(object: KubeObject): Health | undefined {
  for (const { type, status, reason, message } of conditionsIn(object)) {
    if (type !== "Ready") continue
    if (status === "True") return current("Resource is Ready")
    if (status === "False" || status === "Unknown") return inProgress(reason, message)
  }
  return undefined
}
