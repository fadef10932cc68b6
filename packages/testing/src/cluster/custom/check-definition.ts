import { equalJson, type KubeObject } from "@gitops-toolkit/kube"
import type { Cause } from "../answer.ts"
import { nameRules } from "../write/names.ts"
import { causeOf, openApiSchemaCauses } from "./check-schema.ts"
import type { PrinterColumn, Schema } from "./definition.ts"
import { isEstablished } from "./establish.ts"
import type { DefinitionSpec, Names, VersionSpec } from "./serve.ts"

const { invalid, required, unsupported } = causeOf

/** What is wrong with a CustomResourceDefinition, and what an update of it may not change. */
export function definitionCauses(definition: KubeObject, previous: KubeObject | undefined): Cause[] {
  const spec = definition.spec as FullSpec
  return [
    ...(previous ? [] : nameCauses(definition)),
    ...specCauses(spec),
    ...(previous ? immutableCauses(definition, previous) : []),
    ...storedCauses(definition),
    ...approvalCauses(definition, previous),
  ]
}

interface FullSpec extends DefinitionSpec {
  readonly conversion?: {
    readonly strategy?: string
    readonly webhook?: { readonly clientConfig?: object; readonly conversionReviewVersions?: readonly string[] }
  }
}

const label = (text: string): string => nameRules.label1035(text, false).join(",")

function nameCauses({ metadata, spec }: KubeObject): Cause[] {
  const { names, group } = spec as FullSpec
  if (metadata.name === `${names.plural}.${group}`) return []
  return [invalid("metadata.name", metadata.name, 'must be spec.names.plural+"."+spec.group')]
}

function specCauses(spec: FullSpec): Cause[] {
  const causes: Cause[] = []
  const { group = "", scope = "", versions = [] } = spec as Partial<FullSpec>
  if (group === "") causes.push(required("spec.group", ""))
  else {
    const faults = nameRules.subdomain(group, false)
    if (faults.length > 0) causes.push(invalid("spec.group", group, faults.join(",")))
    else if (!group.includes(".")) causes.push(invalid("spec.group", group, "should be a domain with at least one dot"))
  }
  const scopes = ["Cluster", "Namespaced"]
  if ((scope as string) === "") causes.push(required("spec.scope", ""))
  else if (!scopes.includes(scope)) causes.push(unsupported("spec.scope", scope, scopes))
  const lacking = versions
    .map((version, index) => ({ version, index }))
    .filter(({ version }) => !version.schema?.openAPIV3Schema)
  for (const { index } of lacking) causes.push(required(`spec.versions[${index}].schema.openAPIV3Schema`, ""))
  return [
    ...causes,
    ...versionCauses(versions),
    ...versionNameCauses(versions),
    ...requiredNames(spec.names),
    ...namesCauses(spec.names),
    ...conversionCauses(spec),
    ...(spec.preserveUnknownFields === true
      ? [
          invalid(
            "spec.preserveUnknownFields",
            true,
            "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead",
          ),
        ]
      : []),
  ]
}

/** What all versions share is told once, as the server keeps it: at the top of the spec. */
function versionCauses(versions: readonly VersionSpec[]): Cause[] {
  const causes: Cause[] = []
  const shared = (pick: (version: VersionSpec) => unknown): boolean =>
    versions.every((version) => equalJson(pick(version) ?? null, pick(versions[0]!) ?? null))
  const oneSchema = shared(({ schema }) => schema)
  const oneSet = shared(({ subresources }) => subresources)
  const oneTable = shared((version) => version.additionalPrinterColumns)
  for (const [index, version] of versions.entries()) {
    const at = `spec.versions[${index}]`
    const faults = label(version.name ?? "")
    if (faults !== "") causes.push(invalid(`${at}.name`, version.name, faults))
    if (!oneSchema) causes.push(...schemaOf(version, `${at}.schema`))
    if (!oneSet) causes.push(...scaleCauses(version, `${at}.subresources`))
    if (!oneTable)
      causes.push(...columnCauses(version.additionalPrinterColumns ?? [], `${at}.additionalPrinterColumns`))
  }
  const [first] = versions
  if (!first) return causes
  if (oneSchema) causes.push(...schemaOf(first, "spec.validation"))
  if (oneSet) causes.push(...scaleCauses(first, "spec.subresources"))
  if (oneTable) causes.push(...columnCauses(first.additionalPrinterColumns ?? [], "spec.additionalPrinterColumns"))
  return causes
}

function schemaOf({ schema }: VersionSpec, field: string): Cause[] {
  const root = schema?.openAPIV3Schema as Schema | undefined
  return root ? openApiSchemaCauses(root, `${field}.openAPIV3Schema`) : []
}

function versionNameCauses(versions: readonly VersionSpec[]): Cause[] {
  const causes: Cause[] = []
  const names = versions.map(({ name }) => name)
  const internal = (): unknown =>
    versions.map(({ name, served, storage }) => ({
      Name: name,
      Served: served,
      Storage: storage,
      Deprecated: false,
      DeprecationWarning: null,
      Schema: null,
      Subresources: null,
      AdditionalPrinterColumns: null,
      SelectableFields: null,
    }))
  if (new Set(names).size < names.length)
    causes.push(invalid("spec.versions", internal(), "must contain unique version names"))
  if (versions.filter(({ storage }) => storage).length !== 1) {
    causes.push(invalid("spec.versions", internal(), "must have exactly one version marked as storage version"))
  }
  const [first] = names
  const faults = first === undefined ? "" : label(first)
  if (faults !== "") causes.push(invalid("spec.version", first, faults))
  return causes
}

function requiredNames(names: Partial<Names> = {}): Cause[] {
  return (["plural", "singular", "kind", "listKind"] as const)
    .filter((name) => !names[name])
    .map((name) => required(`spec.names.${name}`, ""))
}

function namesCauses(names: Partial<Names> = {}): Cause[] {
  const causes: Cause[] = []
  const { plural = "", singular = "", kind = "", listKind = "", shortNames = [], categories = [] } = names
  const check = (field: string, value: string): void => {
    const faults = value === "" ? "" : label(value)
    if (faults !== "") causes.push(invalid(`spec.names.${field}`, value, faults))
  }
  const checkKind = (field: string, value: string): void => {
    const faults = value === "" ? "" : label(value.toLowerCase())
    if (faults !== "")
      causes.push(invalid(`spec.names.${field}`, value, `may have mixed case, but should otherwise match: ${faults}`))
  }
  check("plural", plural)
  check("singular", singular)
  checkKind("kind", kind)
  checkKind("listKind", listKind)
  for (const [index, name] of shortNames.entries()) check(`shortNames[${index}]`, name)
  if (kind !== "" && kind === listKind)
    causes.push(invalid("spec.names.listKind", listKind, "kind and listKind may not be the same"))
  for (const [index, name] of categories.entries()) check(`categories[${index}]`, name)
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

function scaleCauses({ subresources }: VersionSpec, field: string): Cause[] {
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

function conversionCauses({ conversion }: FullSpec): Cause[] {
  const strategy = conversion?.strategy ?? ""
  const known = ["None", "Webhook"]
  if (strategy === "") return [required("spec.conversion.strategy", "")]
  if (!known.includes(strategy)) return [unsupported("spec.conversion.strategy", strategy, known)]
  if (strategy !== "Webhook") return []
  const causes: Cause[] = []
  const { clientConfig, conversionReviewVersions = [] } = conversion?.webhook ?? {}
  if (!clientConfig)
    causes.push(required("spec.conversion.webhookClientConfig", "required when strategy is set to Webhook"))
  if (conversionReviewVersions.length === 0) causes.push(required("spec.conversion.conversionReviewVersions", ""))
  return causes
}

/** Identity: the group always, the rest once the kind is served. */
function immutableCauses(definition: KubeObject, previous: KubeObject): Cause[] {
  const causes: Cause[] = []
  const next = definition.spec as FullSpec
  const before = previous.spec as FullSpec
  const fixed = (field: string, a: unknown, b: unknown): void => {
    if (a !== b) causes.push(invalid(field, a, "field is immutable"))
  }
  if (isEstablished(previous)) {
    fixed("spec.scope", next.scope, before.scope)
    fixed("spec.names.kind", next.names.kind, before.names.kind)
  }
  fixed("spec.group", next.group, before.group)
  fixed("spec.names.plural", next.names.plural, before.names.plural)
  return causes
}

function storedCauses({ spec, status }: KubeObject): Cause[] {
  const { versions = [] } = spec as Partial<FullSpec>
  const stored = ((status ?? {}) as { readonly storedVersions?: readonly string[] | null }).storedVersions ?? []
  const field = "status.storedVersions"
  if (stored.length === 0) return [invalid(field, stored, "must have at least one stored version")]
  const missing = versions.filter(({ name, storage }) => storage && !stored.includes(name))
  const lost = stored
    .map((name, index) => ({ name, index }))
    .filter(({ name }) => !versions.some((version) => version.name === name))
  return [
    ...missing.map(({ name }) => invalid(field, stored, `must have the storage version ${name}`)),
    ...lost.map(({ name, index }) =>
      invalid(
        `${field}[${index}]`,
        name,
        `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`,
      ),
    ),
  ]
}

const approval = "api-approved.kubernetes.io"

function approvalCauses({ metadata, spec }: KubeObject, previous: KubeObject | undefined): Cause[] {
  const { group = "" } = spec as Partial<FullSpec>
  const isProtected = /(?:^|\.)(?:k8s|kubernetes)\.io$/.test(group)
  const given = metadata.annotations?.[approval]
  if (!isProtected || (previous && previous.metadata.annotations?.[approval] === given)) return []
  const field = `metadata.annotations[${approval}]`
  if (!given) {
    return [
      required(
        field,
        `protected groups must have approval annotation "${approval}", see https://github.com/kubernetes/enhancements/pull/1111`,
      ),
    ]
  }
  const isValid = given.startsWith("unapproved") || URL.canParse(given)
  return isValid
    ? []
    : [
        invalid(
          field,
          given,
          `protected groups must have approval annotation "${approval}" with either a URL or a reason starting with "unapproved", see https://github.com/kubernetes/enhancements/pull/1111`,
        ),
      ]
}
