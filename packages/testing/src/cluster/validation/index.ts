// Being written by the lead engineer since 15:45: every rule file in this folder. Please leave this folder to them (remove this line when done).
import type { KubeObject } from "@gitops-toolkit/kube"
import type { Cause } from "../answer.ts"
import type { Resource } from "../resource.ts"

/** What a validator is told besides the object. */
export interface ValidationContext {
  readonly operation: "create" | "update"
  /** `status`, `scale`, …; empty for the object itself. */
  readonly subresource: string
}

/** The rules of one kind: every violation as a cause; `previous` is there when the object is updated. */
export type Validator = (
  object: KubeObject,
  previous: KubeObject | undefined,
  context: ValidationContext,
) => readonly Cause[]

const validators: { readonly [table: string]: Validator } = {}

/** What is wrong with a built-in object beyond its metadata; empty for kinds without rules here. */
export function validate(
  resource: Resource,
  object: KubeObject,
  options: ValidationContext & { readonly previous?: KubeObject | undefined },
): readonly Cause[] {
  const validator = Object.hasOwn(validators, resource.table) ? validators[resource.table] : undefined
  return validator ? validator(object, options.previous, options) : []
}
