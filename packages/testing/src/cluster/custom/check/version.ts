import type { Cause } from "../../answer.ts"
import type { PrinterColumn, Schema } from "../definition.ts"
import type { VersionSpec } from "../serve.ts"
import { duplicate, invalid, required } from "./cause.ts"
import type { InternalSpec } from "./internal.ts"
import { selectedField } from "./path.ts"
import { openApiSchemaCauses } from "./schema.ts"
import { unstructured } from "./structure.ts"

/** What is wrong with one version. */
export function versionCauses(version: VersionSpec, field: string, spec: InternalSpec): Cause[] {
  const subresources = spec.subresources ?? version.subresources
  return [
    ...deprecationCauses(version, field),
    ...schemaOf(version.schema, `${field}.schema`, subresources?.status !== undefined),
    ...scaleCauses(version.subresources, `${field}.subresources`),
    ...columnCauses(version.additionalPrinterColumns ?? [], `${field}.additionalPrinterColumns`),
    ...selectableCauses(version.selectableFields, version.schema, { field, schemas: "version.schema.openAPIV3Schema" }),
  ]
}

/** What is wrong with what all versions share. */
export function sharedCauses(spec: InternalSpec, hasStatus: boolean): Cause[] {
  return [
    ...schemaOf(spec.validation, "spec.validation", hasStatus),
    ...scaleCauses(spec.subresources, "spec.subresources"),
    ...columnCauses(spec.additionalPrinterColumns ?? [], "spec.additionalPrinterColumns"),
    ...selectableCauses(spec.selectableFields, spec.validation, { field: "spec", schemas: "validations.schema" }),
  ]
}

function schemaOf(schema: VersionSpec["schema"], field: string, hasStatus: boolean): Cause[] {
  const root = schema?.openAPIV3Schema as Schema | undefined
  return root ? openApiSchemaCauses(root, `${field}.openAPIV3Schema`, hasStatus) : []
}

function deprecationCauses({ deprecated = false, deprecationWarning: text }: VersionSpec, field: string): Cause[] {
  if (text === undefined) return []
  const at = `${field}.deprecationWarning`
  if (!deprecated) return [invalid(at, text, "can only be set for deprecated versions")]
  const causes: Cause[] = []
  if (Buffer.byteLength(text) > 256) causes.push(invalid(at, text, "must be <= 256 characters long"))
  if (text === "") causes.push(invalid(at, text, "must not be an empty string"))
  const odd = /[^\P{C}]|[^\P{Z} ]/u.exec(text)
  if (odd) {
    const index = Buffer.byteLength(text.slice(0, odd.index))
    const why = `must only contain printable UTF-8 characters; non-printable character found at index ${index}`
    causes.push(invalid(at, text, why))
  }
  return causes
}

const scalars = new Set(["string", "boolean", "integer"])

function selectableCauses(
  fields: VersionSpec["selectableFields"] = [],
  schema: VersionSpec["schema"],
  { field, schemas }: { readonly field: string; readonly schemas: string },
): Cause[] {
  const at = `${field}.selectableFields`
  if (fields.length === 0) return []
  const root = schema?.openAPIV3Schema
  if (!root) {
    const why = schemas === "validations.schema" ? `when ${schemas} is included` : `when \`${schemas}\` is not included`
    return [invalid(at, "", `may only be set ${why}`)]
  }
  const fault = unstructured(root)
  if (fault !== undefined) return [invalid(`${field}.schema.openAPIV3Schema`, "", fault)]
  const seen = new Set<string>()
  const causes = fields.flatMap(({ jsonPath }, index) =>
    selectableCause(jsonPath, root, { at: `${at}[${index}].jsonPath`, seen }),
  )
  const count = seen.size
  if (count <= 8) return causes
  return [
    ...causes,
    { reason: "FieldValueTooMany", message: `Too many: ${count}: must have at most 8 items`, field: at },
  ]
}

function selectableCause(
  text: string,
  root: Schema,
  { at, seen }: { readonly at: string; readonly seen: Set<string> },
): Cause[] {
  if (text === "") return [required(at, "")]
  const { path, schema, fault } = selectedField(text, root, { arrays: false })
  if (fault !== undefined) return [invalid(at, text, `is an invalid path: ${fault}`)]
  const causes: Cause[] = []
  if (path[0] === "metadata") causes.push(invalid(at, text, "must not point to fields in metadata"))
  if (!scalars.has(schema?.type ?? "")) {
    const why =
      "must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed."
    causes.push(invalid(at, text, why))
  }
  const key = path.join(".")
  if (seen.has(key)) causes.push(duplicate(at, text))
  seen.add(key)
  return causes
}

function pathCauses(
  path: string | undefined,
  { field, below, why }: { readonly field: string; readonly below: readonly string[]; readonly why: string },
): Cause[] {
  if (!path) return [required(field, "")]
  if (!path.startsWith(".")) return [invalid(field, path, "must be a simple json path starting with .")]
  return below.some((prefix) => path.startsWith(prefix)) ? [] : [invalid(field, path, why)]
}

function scaleCauses(subresources: VersionSpec["subresources"], field: string): Cause[] {
  const scale = subresources?.scale
  if (!scale) return []
  const at = `${field}.scale`
  const selector = scale.labelSelectorPath
  return [
    ...pathCauses(scale.specReplicasPath, {
      field: `${at}.specReplicasPath`,
      below: [".spec."],
      why: "should be a json path under .spec",
    }),
    ...pathCauses(scale.statusReplicasPath, {
      field: `${at}.statusReplicasPath`,
      below: [".status."],
      why: "should be a json path under .status",
    }),
    ...(selector
      ? pathCauses(selector, {
          field: `${at}.labelSelectorPath`,
          below: [".spec.", ".status."],
          why: "should be a json path under either .spec or .status",
        })
      : []),
  ]
}

const columnTypes = ["boolean", "date", "integer", "number", "string"]
const columnFormats = ["byte", "date", "date-time", "double", "float", "int32", "int64", "password"]

function columnCauses(columns: readonly PrinterColumn[], field: string): Cause[] {
  return columns.flatMap((column, index) => {
    const at = `${field}[${index}]`
    const causes: Cause[] = []
    const oneOf = `must be one of ${columnTypes.join(",")}`
    if (!column.name) causes.push(required(`${at}.name`, ""))
    if (!column.type) causes.push(required(`${at}.type`, oneOf))
    else if (!columnTypes.includes(column.type)) causes.push(invalid(`${at}.type`, column.type, oneOf))
    if (column.format && !columnFormats.includes(column.format)) {
      causes.push(invalid(`${at}.format`, column.format, `must be one of ${columnFormats.join(",")}`))
    }
    return [...causes, ...pathCauses(column.jsonPath, { field: `${at}.JSONPath`, below: ["."], why: "" })]
  })
}
