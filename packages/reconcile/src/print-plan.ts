import { digestOf, formatRef, isKubeObject, keyOf, parseJson, printJson, type KubeObject } from "@gitops-toolkit/kube"
import type { FieldChange } from "./diff/compare.ts"
import { ReconcileError } from "./error.ts"
import type { Plan } from "./entry.ts"
import { digestOfPlan } from "./plan.ts"
import { prepareObject } from "./planning/resolve.ts"

const form = "gitops-toolkit.dev/plan/v1"

/**
 * A plan as JSON: references, digests and masked changes, never a desired object and never a secret. Equal plans print
 * equally. `readPlan` reads it back together with the objects.
 *
 * @example
 * await writeFile("plan.json", printPlan(changes))
 */
export function printPlan(plan: Plan): string {
  const { objects: _objects, ...rest } = plan
  return printJson({ form, digest: digestOfPlan(plan), ...rest }, { indent: 2 })
}

/**
 * A plan for people: a line an entry, and a line a changed field below it. Unchanged objects are left out. Holds no
 * secret. The empty text when there is nothing to do.
 *
 * @example
 * console.log(formatPlan(changes))
 */
export function formatPlan({ entries }: Plan): string {
  const told = entries.filter(({ action }) => action !== "unchanged")
  return told
    .flatMap(({ action, ref, reason, changes = [] }) => [
      `${action} ${formatRef(ref)}${reason === undefined ? "" : ` (${reason})`}`,
      ...changes.map(
        (change) => `  ${change.path}: ${formatValue(change, "before")} → ${formatValue(change, "after")}`,
      ),
    ])
    .join("\n")
}

function formatValue(change: FieldChange, side: "before" | "after"): string {
  const value = change[side]
  if (value === undefined) return "(none)"
  const text = typeof value === "string" ? value : printJson(value)
  return text.length > 120 ? `${text.slice(0, 119)}…` : text
}

/**
 * The plan that `text` tells, with `objects` (as they were given to `plan`) in it. Throws `ReconcileError`
 * `InvalidPlan` for a text that is damaged, or when an object is missing or is not the one that was planned:
 * what was approved is what is applied.
 *
 * @example
 * await apply(cluster, readPlan(text, { objects }), { inventory })
 */
export function readPlan(text: string, { objects }: { readonly objects: readonly KubeObject[] }): Plan {
  const read = parseJson(text) as Partial<Plan> & { readonly form?: unknown; readonly digest?: unknown }
  if (typeof read !== "object" || read === null || read.form !== form) throw invalid("it is no plan of this version")
  const { form: _form, digest, ...rest } = read
  const plan = { ...(rest as Omit<Plan, "objects">), objects: new Map<string, KubeObject>() }
  if (!isWhole(plan) || digestOfPlan(plan) !== digest) throw invalid("it is damaged: its digest does not fit")
  return { ...plan, objects: matchObjects(plan, objects) }
}

function isWhole(plan: Plan): boolean {
  const { owner, prefix, fieldManager, entries, keeps, inventory, ignored } = plan as {
    [field in keyof Plan]?: unknown
  }
  const lists = [entries, keeps, (inventory as { readonly refs?: unknown } | undefined)?.refs]
  const texts = [prefix, fieldManager, (owner as { readonly uid?: unknown } | undefined)?.uid]
  return lists.every(Array.isArray) && texts.every((text) => typeof text === "string") && typeof ignored === "object"
}

function matchObjects(plan: Plan, objects: readonly KubeObject[]): ReadonlyMap<string, KubeObject> {
  const given = new Map<string, KubeObject[]>()
  for (const object of objects.filter(isKubeObject)) {
    const key = looseKey(object.apiVersion, object.kind, object.metadata.name)
    given.set(key, [...(given.get(key) ?? []), object])
  }
  const matched = new Map<string, KubeObject>()
  for (const { ref, digest } of plan.entries) {
    if (digest === undefined) continue
    const candidates = given.get(looseKey(ref.apiVersion, ref.kind, ref.name)) ?? []
    const prepared = candidates.map((object) => prepareObject(object, ref.namespace, plan))
    const found = prepared.find((object) => digestOf(object) === digest)
    if (!found) throw invalid(`no given object is the ${ref.kind} '${ref.name}' that was planned`)
    matched.set(keyOf(ref), found)
  }
  return matched
}

function looseKey(apiVersion: string, kind: string, name: string | undefined): string {
  return `${apiVersion}/${kind}/${name ?? ""}`
}

function invalid(why: string): ReconcileError {
  return new ReconcileError("InvalidPlan", `the plan cannot be used: ${why}`)
}
