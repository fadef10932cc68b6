import type { Cause } from "../../answer.ts"
import { labelCauses } from "../../write/metadata.ts"
import { faults, forbidden, invalid, isMap, listOf, mapOf, type Members, required } from "./causes.ts"
import { labelValueFaults, qualifiedNameFaults } from "../../write/names.ts"

type Labels = { readonly [name: string]: string }

/** What is wrong with a label selector. */
export function labelSelectorCauses(selector: unknown, field: string): Cause[] {
  if (!isMap(selector)) return []
  const causes = labelCauses(mapOf(selector["matchLabels"]) as Labels, `${field}.matchLabels`)
  for (const [index, expression] of listOf(selector["matchExpressions"]).entries()) {
    causes.push(...expressionCauses(expression, `${field}.matchExpressions[${index}]`))
  }
  return causes
}

function expressionCauses({ key, operator, values }: Members, field: string): Cause[] {
  const list = Array.isArray(values) ? (values as string[]) : []
  const causes: Cause[] = []
  if (operator === "In" || operator === "NotIn") {
    if (list.length === 0)
      causes.push(required(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'"))
  } else if (operator === "Exists" || operator === "DoesNotExist") {
    if (list.length > 0)
      causes.push(forbidden(`${field}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
  } else causes.push(invalid(`${field}.operator`, operator ?? "", "not a valid selector operator"))
  causes.push(...faults(`${field}.key`, key ?? "", qualifiedNameFaults(String(key ?? ""))))
  for (const [index, value] of list.entries())
    causes.push(...faults(`${field}.values[${index}]`, value, labelValueFaults(value)))
  return causes
}

/** True for an operator that the server knows. */
function isReadable(selector: Members): boolean {
  return listOf(selector["matchExpressions"]).every(({ operator, values }) => {
    const many = Array.isArray(values) && values.length > 0
    return operator === "In" || operator === "NotIn"
      ? many
      : (operator === "Exists" || operator === "DoesNotExist") && !many
  })
}

/** Whether a selector selects labels; undefined for a selector that cannot be read. */
export function selects(selector: unknown, labels: Labels): boolean | undefined {
  if (!isMap(selector)) return false
  if (!isReadable(selector)) return undefined
  const own = (key: string): string | undefined => (Object.hasOwn(labels, key) ? labels[key] : undefined)
  const pairs = Object.entries(mapOf(selector["matchLabels"]))
  if (!pairs.every(([key, value]) => own(key) === value)) return false
  return listOf(selector["matchExpressions"]).every(({ key, operator, values }) => {
    const value = own(String(key))
    const among = value !== undefined && ((values ?? []) as string[]).includes(value)
    if (operator === "In") return among
    if (operator === "NotIn") return !among
    return operator === "Exists" ? value !== undefined : value === undefined
  })
}

/** What a workload's selector says, and whether it can be read. */
export interface SelectorVerdict {
  readonly causes: readonly Cause[]
  /** The selector means something: its template is worth a look. */
  readonly readable: boolean
}

/** The selector of a workload and the labels of its template. */
export function workloadSelectorCauses(
  spec: Members,
  { field, kind }: { readonly field: string; readonly kind: "deployment" | "statefulset" | "daemonset" },
): SelectorVerdict {
  const { selector } = spec
  const given = mapOf(mapOf(spec["template"])["metadata"])["labels"]
  const labels = mapOf(given) as Labels
  const mismatch = invalid(
    `${field}.template.metadata.labels`,
    given ?? null,
    "`selector` does not match template `labels`",
  )
  if (!isMap(selector))
    return { causes: kind === "daemonset" ? [mismatch] : [required(`${field}.selector`), mismatch], readable: true }
  const causes = labelSelectorCauses(selector, `${field}.selector`)
  const readable = causes.length === 0
  const isEmpty = Object.keys(mapOf(selector["matchLabels"])).length + listOf(selector["matchExpressions"]).length === 0
  if (isEmpty) causes.push(invalid(`${field}.selector`, selector, `empty selector is invalid for ${kind}`))
  if (!readable && kind !== "daemonset") causes.push(unreadable(`${field}.selector`, selector, kind))
  if (readable && !isEmpty && selects(selector, labels) === false) causes.push(mismatch)
  return { causes, readable }
}

/** For StatefulSets the server does not say what is wrong. */
function unreadable(field: string, selector: Members, kind: string): Cause {
  const cause = invalid(field, selector, "invalid label selector")
  return kind === "statefulset" ? { ...cause, message: cause.message.replace(/: invalid label selector$/, "") } : cause
}
