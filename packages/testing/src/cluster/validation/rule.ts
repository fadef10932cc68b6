// The words that rules are written with. A table of fields reads in the order in which the server tells faults.
import { equalJson } from "@gitops-toolkit/kube"
import { nameRules } from "../write/names.ts"
import { isSet, listOf, mapOf, numberOf, type Rule, textOf, valueAt } from "./walk.ts"

/** Several rules on one value. */
export const all =
  (...rules: readonly Rule[]): Rule =>
  (value, walk) => {
    for (const rule of rules) rule(value, walk)
  }

/** Rules by the name of a field. */
export type RuleTable = { readonly [field: string]: Rule }

/** A rule for each field, in this order; a field may be a dotted path. */
export function fields(table: RuleTable): Rule {
  const rows = Object.entries(table).map(([field, rule]) => ({ field, rule, deep: field.includes(".") }))
  return (value, walk) => {
    const map = mapOf(value)
    for (const { field, rule, deep } of rows) walk.at(field, deep ? valueAt(map, field) : map[field], rule)
  }
}

/** A rule for each item of a list. */
export const each =
  (rule: Rule): Rule =>
  (value, walk) => {
    for (const [index, item] of listOf(value).entries()) walk.at(index, item, rule)
  }

/** The rule, where there is a value. */
export const given =
  (rule: Rule): Rule =>
  (value, walk) => {
    if (isSet(value)) rule(value, walk)
  }

/** The rule, where there is a text that is not empty. */
export const filled =
  (rule: Rule): Rule =>
  (value, walk) => {
    if (textOf(value) !== "") rule(value, walk)
  }

/** A text must be there; then the rule. */
export const needed =
  (rule: Rule = () => {}, why: string = ""): Rule =>
  (value, walk) => {
    if (textOf(value) === "") walk.required("", why)
    else rule(value, walk)
  }

/** There must be a value. */
export const present =
  (why: string = ""): Rule =>
  (value, walk) => {
    if (!isSet(value)) walk.required("", why)
  }

/** Only while the object is created. */
export const onCreate =
  (rule: Rule): Rule =>
  (value, walk) => {
    if (!walk.before) rule(value, walk)
  }

/** Only while the object is updated. */
export const onUpdate =
  (rule: Rule): Rule =>
  (value, walk) => {
    if (walk.before) rule(value, walk)
  }

/**
 * At the root of an object: a field that no update may change. `told` is how the server calls it, `empty` what it shows of
 * a field that is not there: texts that Go does not point to are empty.
 */
export const frozen = (
  field: string,
  { told = field, empty = null }: { readonly told?: string; readonly empty?: string | null } = {},
): Rule =>
  onUpdate((value, walk) => {
    const now = valueAt(value, field) ?? empty
    if (!equalJson(now, valueAt(walk.before, field) ?? empty)) walk.invalid(told, now, "field is immutable")
  })

/** One of the texts. Behind `given`, `filled` or `needed` where it may be left out. */
export const oneOf =
  (...known: readonly string[]): Rule =>
  (value, walk) => {
    if (!known.includes(textOf(value))) walk.unsupported("", textOf(value), known)
  }

/** A text that passes; `why` is told of one that does not. */
export const check =
  (passes: (text: string) => boolean, why: string): Rule =>
  (value, walk) => {
    if (!passes(textOf(value))) walk.invalid("", textOf(value), why)
  }

/** A text without faults: `faultsOf` says what is wrong with it. */
export const without =
  (faultsOf: (text: string) => readonly string[]): Rule =>
  (value, walk) => {
    const text = textOf(value)
    for (const fault of faultsOf(text)) walk.invalid("", text, fault)
  }

/** A name: `subdomain`, `label`, … */
export const named = (rule: keyof typeof nameRules): Rule => without((text) => nameRules[rule](text, false))

/** A number from `low` to `high`. */
export const between = (
  low: number,
  high: number,
  why: string = `must be between ${low} and ${high}, inclusive`,
): Rule => {
  return (value, walk) => {
    const number = numberOf(value)
    if (number < low || number > high) walk.invalid("", value ?? 0, why)
  }
}

/** A number that is not negative. */
export const notNegative: Rule = (value, walk) => {
  if (numberOf(value) < 0) walk.invalid("", value, "must be greater than or equal to 0")
}

/** A number that is more than zero. */
export const positive: Rule = (value, walk) => {
  if (numberOf(value) <= 0) walk.invalid("", value ?? 0, "must be greater than zero")
}
