import { compareBytes } from "@gitops-toolkit/kube"
import { formatPath } from "../field-set.ts"
import { quote } from "../field-set/path.ts"
import type { FieldConflict } from "../structured-merge.ts"
import { identityOf } from "./identity.ts"

/** One entry of the Status' `details.causes`. */
export interface ConflictCause {
  readonly reason: "FieldManagerConflict"
  /** `conflict with "m" using v1`. */
  readonly message: string
  /** `.spec.replicas`. */
  readonly field: string
}

/** A manager for people: `"m"`, for updaters with their version, with the sub-resource where there is one. */
function printManager(id: string): string {
  const { manager, operation, apiVersion, subresource } = identityOf(id)
  const name = `${quote(manager ?? "")}${subresource ? ` with subresource ${quote(subresource)}` : ""}`
  return operation === "Update" ? `${name} using ${apiVersion ?? ""}` : name
}

/** The causes of the 409, one for each field. */
export function conflictCauses(conflicts: readonly FieldConflict[]): readonly ConflictCause[] {
  return conflicts.map(({ manager, path }) => ({
    reason: "FieldManagerConflict",
    message: `conflict with ${printManager(manager)}`,
    field: formatPath(path),
  }))
}

/** The message of the 409: one conflict on a line, several as a list for each manager. */
export function conflictMessage(conflicts: readonly FieldConflict[]): string {
  const [first] = conflicts
  if (first && conflicts.length === 1) {
    return `Apply failed with 1 conflict: conflict with ${printManager(first.manager)}: ${formatPath(first.path)}`
  }
  const managers = [...new Set(conflicts.map(({ manager }) => manager))].toSorted(compareBytes)
  const lines = managers.flatMap((manager) => [
    `conflicts with ${printManager(manager)}:`,
    ...conflicts.filter((each) => each.manager === manager).map(({ path }) => `- ${formatPath(path)}`),
  ])
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join("\n")}`
}
