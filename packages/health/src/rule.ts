import { groupOf, type KindRef, type KubeObject } from "@gitops-toolkit/kube"
import type { Health } from "./health.ts"

/** What a rule is told beside the object. */
export interface AssessContext {
  /** Milliseconds since the epoch; absent when nobody said: then nothing may be judged by age. */
  readonly now: number | undefined
}

/** How the objects of one kind, or of all kinds of one group, are judged. Pure. */
export interface Rule {
  /** API group; empty for the core group. The version never counts. */
  readonly group: string
  /** Absent: every kind of the group. */
  readonly kind?: string
  /**
   * True: this rule is asked first of all. Default false: deletion, an unobserved generation and the conditions
   * `Reconciling` and `Stalled` have been judged before.
   */
  readonly first?: boolean
  /** The verdict; undefined passes the object on to the next rule that fits. */
  readonly assess: (object: KubeObject, context: AssessContext) => Health | undefined
}

/**
 * A rule for `assess` and `settle`, checked for the mistakes that types cannot see. Give rules as a list: the first
 * that fits and answers wins, and all of them come before the built-in ones.
 * Throws a `TypeError` for a group that has a version in it.
 *
 * @example
 * const queues = defineRule({ group: "example.com", kind: "Queue", assess: (queue) => (queue["paused"] ? current("paused") : undefined) })
 * assess({ apiVersion: "example.com/v1", kind: "Queue", metadata: { name: "mail" }, paused: true }, [queues])   // { status: "Current", message: "paused" }
 */
export function defineRule(rule: Rule): Rule {
  if (rule.group.includes("/")) {
    throw new TypeError(`'${rule.group}' is no API group: leave out the version`)
  }
  return rule
}

/** True when `rule` is made for objects of `kind`. */
export function isRuleFor(rule: Rule, kind: KindRef): boolean {
  return rule.group === groupOf(kind.apiVersion) && (rule.kind === undefined || rule.kind === kind.kind)
}
