import type { KubeObject } from "@gitops-toolkit/kube"
import type { Cause } from "../../answer.ts"
import { nameRules } from "../../write/names.ts"
import { isEstablished } from "../establish.ts"
import type { DefinitionSpec, Names } from "../serve.ts"
import { invalid, required, unsupported } from "./cause.ts"
import { conversionCauses } from "./conversion.ts"
import { type InternalSpec, internalSpec } from "./internal.ts"
import { sharedCauses, versionCauses } from "./version.ts"

/** What is wrong with a CustomResourceDefinition, and what an update of it may not change. */
export function definitionCauses(definition: KubeObject, previous: KubeObject | undefined): Cause[] {
  const spec = internalSpec((definition.spec ?? {}) as Partial<DefinitionSpec>)
  return [
    ...(previous ? [] : nameCauses(definition, spec)),
    ...specCauses(spec),
    ...(previous ? immutableCauses(definition, previous) : []),
    ...storedCauses(definition, spec),
    ...approvalCauses(definition, previous),
    ...preservingCauses(spec, previous),
  ]
}

const label = (text: string): string => nameRules.label1035(text, false).join(",")

function nameCauses({ metadata }: KubeObject, { names, group }: InternalSpec): Cause[] {
  if (!metadata.name || metadata.name === `${names.plural ?? ""}.${group}`) return []
  return [invalid("metadata.name", metadata.name, 'must be spec.names.plural+"."+spec.group')]
}

function specCauses(spec: InternalSpec): Cause[] {
  const hasStatus = [spec, ...spec.versions].some(({ subresources }) => subresources?.status !== undefined)
  return [
    ...groupCauses(spec),
    ...schemalessCauses(spec),
    ...spec.versions.flatMap((version, index) => {
      const field = `spec.versions[${index}]`
      const faults = label(version.name ?? "")
      const own = faults === "" ? [] : [invalid(`${field}.name`, version.name ?? "", faults)]
      return [...own, ...versionCauses(version, field, spec)]
    }),
    ...versionsCauses(spec),
    ...requiredNames(spec.names),
    ...namesCauses(spec.names),
    ...sharedCauses(spec, hasStatus),
    ...conversionCauses(spec.conversion),
  ]
}

function groupCauses({ group, scope }: InternalSpec): Cause[] {
  const causes: Cause[] = []
  const faults = group === "" ? [] : nameRules.subdomain(group, false)
  if (group === "") causes.push(required("spec.group", ""))
  else if (faults.length > 0) causes.push(invalid("spec.group", group, faults.join(",")))
  else if (!group.includes(".")) causes.push(invalid("spec.group", group, "should be a domain with at least one dot"))
  const scopes = ["Cluster", "Namespaced"]
  if ((scope as string) === "") causes.push(required("spec.scope", ""))
  else if (!scopes.includes(scope)) causes.push(unsupported("spec.scope", scope, scopes))
  return causes
}

function schemalessCauses({ validation, versions }: InternalSpec): Cause[] {
  if (validation?.openAPIV3Schema) return []
  return versions.flatMap(({ schema }, index) =>
    schema?.openAPIV3Schema ? [] : [required(`spec.versions[${index}].schema.openAPIV3Schema`, "")],
  )
}

function versionsCauses({ version, versions, shown }: InternalSpec): Cause[] {
  const causes: Cause[] = []
  const names = versions.map(({ name }) => name ?? "")
  if (new Set(names).size < names.length)
    causes.push(invalid("spec.versions", shown, "must contain unique version names"))
  if (versions.filter(({ storage }) => storage).length !== 1) {
    const why = "must have exactly one version marked as storage version"
    causes.push(invalid("spec.versions", shown, why))
  }
  const faults = version === "" ? "" : label(version)
  if (faults !== "") causes.push(invalid("spec.version", version, faults))
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

/** Identity: the group always, the rest once the kind is served. */
function immutableCauses(definition: KubeObject, previous: KubeObject): Cause[] {
  const causes: Cause[] = []
  const next = internalSpec(definition.spec as DefinitionSpec)
  const before = previous.spec as DefinitionSpec
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

function storedCauses({ status }: KubeObject, { versions }: InternalSpec): Cause[] {
  const stored = ((status ?? {}) as { readonly storedVersions?: readonly string[] | null }).storedVersions ?? []
  const field = "status.storedVersions"
  if (stored.length === 0) return [invalid(field, null, "must have at least one stored version")]
  const left = new Set(stored)
  const causes: Cause[] = []
  for (const { name, storage } of versions) {
    if (!left.delete(name) && storage) causes.push(invalid(field, stored, `must have the storage version ${name}`))
  }
  for (const name of left) {
    const why = `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`
    causes.push(invalid(`${field}[${stored.indexOf(name)}]`, name, why))
  }
  return causes
}

const approval = "api-approved.kubernetes.io"

function approvalCauses({ metadata, spec }: KubeObject, previous: KubeObject | undefined): Cause[] {
  const { group = "" } = (spec ?? {}) as Partial<DefinitionSpec>
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

/** Once said, never again: version v1 of definitions always prunes. */
function preservingCauses({ preserveUnknownFields }: InternalSpec, previous: KubeObject | undefined): Cause[] {
  const before = previous?.spec as DefinitionSpec | undefined
  if (preserveUnknownFields !== true || before?.preserveUnknownFields === true) return []
  const why = "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead"
  return [invalid("spec.preserveUnknownFields", true, why)]
}
