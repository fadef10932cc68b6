import { badRequest, type Cause, invalid } from "../answer.ts"
import { type Call, header, parameter } from "../wire/request.ts"

/** What every write may say in its query. */
export interface WriteOptions {
  readonly dryRun: boolean
  readonly manager: string
  readonly fieldValidation: "Strict" | "Warn" | "Ignore"
  readonly force: boolean
}

/** Reads the options of a write; 422 about `kind` (`CreateOptions`, …) for what is none. */
export function writeOptionsOf(call: Call, kind: "CreateOptions" | "UpdateOptions" | "PatchOptions"): WriteOptions {
  const dryRun = call.query.get("dryRun") ?? []
  const validation = parameter(call, "fieldValidation") ?? ""
  const causes: Cause[] = [...dryRunCauses(dryRun), ...managerCauses(parameter(call, "fieldManager") ?? "")]
  if (!["", "Strict", "Warn", "Ignore"].includes(validation)) {
    causes.push({
      reason: "FieldValueNotSupported",
      message: `Unsupported value: ${JSON.stringify(validation)}: supported values: "", "Ignore", "Strict", "Warn"`,
      field: "fieldValidation",
    })
  }
  const force = parameter(call, "force")
  const isApply = (header(call, "content-type") ?? "").startsWith("application/apply-patch")
  if (force !== undefined && kind === "PatchOptions" && !isApply) {
    causes.push({
      reason: "FieldValueForbidden",
      message: "Forbidden: may not be specified for non-apply patch",
      field: "force",
    })
  }
  if (isApply && kind === "PatchOptions" && !parameter(call, "fieldManager")) {
    causes.push({
      reason: "FieldValueRequired",
      message: "Required value: is required for apply patch",
      field: "fieldManager",
    })
  }
  if (causes.length > 0) throw invalid({ group: "meta.k8s.io", kind }, "", causes)
  return {
    dryRun: dryRun.length > 0,
    manager: managerOf(call),
    fieldValidation: validation === "" ? "Warn" : (validation as WriteOptions["fieldValidation"]),
    force: force !== undefined && force !== "false" && force !== "0",
  }
}

/** The causes of a `dryRun` that is not `All`. */
export function dryRunCauses(values: readonly string[]): Cause[] {
  if (values.every((value) => value === "All")) return []
  const message = `Unsupported value: ${JSON.stringify(values)}: supported values: "All"`
  return [{ reason: "FieldValueNotSupported", message, field: "dryRun" }]
}

function managerCauses(manager: string): Cause[] {
  const causes: Cause[] = []
  if (manager.length > 128) {
    causes.push({
      reason: "FieldValueTooLong",
      message: "Too long: may not be more than 128 bytes",
      field: "fieldManager",
    })
  }
  if (plain.test(manager)) return causes
  for (const [index, character] of Array.from(manager).entries()) {
    if (!/[\p{C}\p{Z}]/u.test(character) || character === " ") continue
    const message = `Invalid value: ${JSON.stringify(manager)}: invalid character ${unicodeName(character)} (at position ${index})`
    causes.push({ reason: "FieldValueInvalid", message, field: "fieldManager" })
  }
  return causes
}

/** What nearly all managers are called: nothing in it is invalid. */
const plain = /^[ -~]*$/

function unicodeName(character: string): string {
  const hex = character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")
  return `U+${hex}`
}

function managerOf(call: Call): string {
  const named = parameter(call, "fieldManager")
  if (named) return named
  const agent = (header(call, "user-agent") ?? "").split("/", 1)[0]!
  if (plain.test(agent)) return agent.slice(0, 128) || "unknown"
  const printable = Array.from(agent)
    .filter((character) => !/[\p{C}]/u.test(character))
    .join("")
  return printable.slice(0, 128) || "unknown"
}

/** Whether `strict` finds are refused, told or ignored. `what` begins the message of the refusal. */
export function reportStrict(
  call: Call,
  options: WriteOptions,
  { finds, what }: { readonly finds: readonly string[]; readonly what: string },
): void {
  if (finds.length === 0 || options.fieldValidation === "Ignore") return
  if (options.fieldValidation === "Strict") throw badRequest(`${what}: strict decoding error: ${finds.join(", ")}`)
  call.warnings.push(...finds)
}
