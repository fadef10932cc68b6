import { compilePattern, type Pattern } from "@gitops-toolkit/kube/pattern"
import { NotifyError } from "./error.ts"
import type { Notification } from "./notification.ts"

/** Objects that a rule listens to. */
export interface EventSource {
  readonly kind: string
  /** A name, or `*` for all; default `*`. */
  readonly name?: string
  /** Default: the rule's `namespace`, or any. */
  readonly namespace?: string
  /** Labels that the object must have; an object that is unknown has none. */
  readonly matchLabels?: { readonly [name: string]: string }
}

/**
 * Which notifications pass, as Flux's Alerts say it. Patterns are RE2 and run in linear time.
 */
export interface Rule {
  /** `error`: errors alone; `info` (default): everything but traces. */
  readonly severity?: "info" | "error"
  /** At least one must fit; absent or empty: all objects. */
  readonly sources?: readonly EventSource[]
  /** The namespace of sources that name none. */
  readonly namespace?: string
  /** Patterns, at least one of which must be found in the message. */
  readonly include?: readonly string[]
  /** Patterns, none of which may be found in the message. */
  readonly exclude?: readonly string[]
  /** Reasons to pass; absent: all. */
  readonly reasons?: readonly string[]
}

/** What a rule may know of the object itself. */
export interface RuleContext {
  /** The labels of the object; absent: it was not found. */
  readonly labels?: { readonly [name: string]: string } | undefined
}

/** Says whether a notification passes. */
export type CompiledRule = (notification: Notification, context?: RuleContext) => boolean

/** Options of `compileRule`. */
export interface CompileRuleOptions {
  /**
   * What to do with a pattern that RE2 refuses: `throw` (default), or `ignore` as Flux does, where a broken exclusion
   * excludes nothing and a broken inclusion includes nothing.
   */
  readonly broken?: "throw" | "ignore"
}

/**
 * Makes a test of a rule; its patterns are compiled once.
 * Throws `NotifyError` `InvalidConfig` for a pattern that is none.
 *
 * @example
 * const passes = compileRule({ severity: "error", exclude: ["waiting.*socket"] })
 * passes(parseNotification('{"involvedObject":{},"severity":"error","message":"no such file: base/"}'))   // true
 * passes(parseNotification('{"involvedObject":{},"severity":"error","message":"waiting for socket"}'))   // false
 */
export function compileRule(rule: Rule, options: CompileRuleOptions = {}): CompiledRule {
  const include = compileAll(rule.include ?? [], options)
  const exclude = compileAll(rule.exclude ?? [], options)
  const inclusive = (rule.include ?? []).length > 0
  return (notification, context = {}) => {
    const { message, reason, severity } = notification
    if (severity === "trace" || (rule.severity === "error" && severity !== "error")) return false
    if (rule.reasons && !rule.reasons.includes(reason)) return false
    const sources = rule.sources ?? []
    if (sources.length > 0 && !sources.some((source) => matchesSource(source, notification, { ...context, rule }))) {
      return false
    }
    if (inclusive && !include.some((pattern) => pattern.test(message))) return false
    return !exclude.some((pattern) => pattern.test(message))
  }
}

function compileAll(texts: readonly string[], { broken = "throw" }: CompileRuleOptions): Pattern[] {
  return texts.flatMap((text) => {
    try {
      return [compilePattern(text)]
    } catch (cause) {
      if (broken === "ignore") return []
      throw new NotifyError("InvalidConfig", `a rule has a broken pattern: ${JSON.stringify(text.slice(0, 64))}`, {
        cause,
      })
    }
  })
}

function matchesSource(
  source: EventSource,
  { involvedObject }: Notification,
  { rule, labels }: RuleContext & { readonly rule: Rule },
): boolean {
  const namespace = source.namespace ?? rule.namespace
  if (source.kind !== involvedObject.kind) return false
  if (namespace !== undefined && namespace !== (involvedObject.namespace ?? "")) return false
  if (source.name !== undefined && source.name !== "*" && source.name !== involvedObject.name) return false
  const wanted = Object.entries(source.matchLabels ?? {})
  return wanted.every(([name, value]) => labels !== undefined && Object.hasOwn(labels, name) && labels[name] === value)
}
