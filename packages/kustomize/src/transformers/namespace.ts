import { applyFieldSpec, expectScalar } from "../config/field-spec.ts"
import type { FieldEdit, FieldSpec } from "../config/field-spec.ts"
import { KustomizeError, fail } from "../error.ts"
import { fieldOf, isList, isMap, isMissingOrNull, textOf, valueOf } from "../node/node.ts"
import type { Node } from "../node/node.ts"
import { replaceNode, withElement, withField } from "../node/own.ts"
import { checkUnique, forgetIds, remember } from "../resource/resource-map.ts"
import type { ResourceMap } from "../resource/resource-map.ts"
import { annotationsNode, apiVersionOfResource, gvkOf, isGone } from "../resource/resource.ts"
import type { Resource } from "../resource/resource.ts"
import { formatId, isSelectedBy, oncePerKind } from "../resource/resource-id.ts"
import type { Gvk } from "../resource/resource-id.ts"

/** Which subjects of role bindings get the namespace. */
export type SubjectMode = "defaultOnly" | "allServiceAccounts" | "none"

/** The namespace to set, where, and what to leave alone. */
export interface NamespaceConfig {
  readonly namespace: string
  readonly fieldSpecs: readonly FieldSpec[]
  /** Only where there is none yet; default false. */
  readonly unsetOnly?: boolean
  /** Default `defaultOnly`: the subject called `default`. */
  readonly setRoleBindingSubjects?: SubjectMode
}

const helmGenerated = "internal.config.kubernetes.io/helm-generated"

/**
 * Sets the namespace of every resource that is not known to be cluster-scoped, renames Namespace objects, and changes
 * the further fields of the specs. Two objects that end up with one id are an error.
 */
export function applyNamespace(map: ResourceMap, config: NamespaceConfig): void {
  if (config.namespace === "") return
  const setNamespace = namespaceSetter(map, config)
  for (const resource of map.resources) {
    if (isGone(resource) || textOf(fieldOf(annotationsNode(resource), helmGenerated)) === "true") continue
    remember(map, resource)
    setNamespace(resource)
  }
  forgetIds(map)
  checkUnique(map, (id) => {
    throw new KustomizeError("DuplicateObject", `namespace transformation produces ID conflict: ${formatId(id)}`)
  })
}

/** Sets the namespace of one resource after another, without remembering what it was. */
export function namespaceSetter(map: ResourceMap, config: NamespaceConfig): (resource: Resource) => void {
  const set = (value: Node): Node => {
    expectScalar(value)
    return config.unsetOnly === true && valueOf(value) !== "" ? value : config.namespace
  }
  const edit: FieldEdit = { create: "scalar", set }
  const furtherSpecs = oncePerKind((gvk) => config.fieldSpecs.filter((spec) => isFurther(spec, gvk)))
  return (resource) => {
    const gvk = gvkOf(resource)
    if (!map.scopes(apiVersionOfResource(resource), gvk.kind)) applyFieldSpec(resource, namespaceField, edit)
    if (isBindingKind(gvk.kind)) setSubjects(resource, config.setRoleBindingSubjects ?? "defaultOnly", set)
    for (const spec of furtherSpecs(gvk)) applyFieldSpec(resource, spec, edit)
  }
}

const namespaceField: FieldSpec = { path: "metadata/namespace", create: true }

/** True for a spec of the kind that is not seen to elsewhere: the namespace itself, names but of Namespaces, subjects. */
function isFurther(spec: FieldSpec, gvk: Gvk): boolean {
  const isNamespaceKind = gvk.group === "" && gvk.version === "v1"
  const isMeta = spec.path === "metadata/namespace" || (spec.path === "metadata/name" && !isNamespaceKind)
  const isSubject = isBindingKind(gvk.kind) && isBindingKind(spec.kind) && spec.path === "subjects/namespace"
  return !isMeta && !isSubject && isSelectedBy(gvk, spec)
}

const isBindingKind = (kind: string | undefined): boolean => kind === "RoleBinding" || kind === "ClusterRoleBinding"

function setSubjects(resource: Resource, mode: SubjectMode, set: (value: Node) => Node): void {
  const before = fieldOf(resource.node, "subjects")
  if (mode === "none" || isMissingOrNull(before)) return
  if (!isList(before)) fail("setting namespace on (cluster)role binding subjects: expected a list")
  const [field, expected] = mode === "defaultOnly" ? ["name", "default"] : ["kind", "ServiceAccount"]
  let subjects = before
  for (const [i, subject] of before.entries()) {
    if (isMissingOrNull(subject)) continue
    if (!isMap(subject)) fail("setting namespace on (cluster)role binding subjects: a subject is no map")
    const value = fieldOf(subject, field!)
    if (isMissingOrNull(value)) continue
    expectScalar(value)
    if (textOf(value) !== expected) continue
    const changed = withField(subject, "namespace", set(fieldOf(subject, "namespace") ?? ""))
    subjects = withElement(subjects, i, changed)
  }
  replaceNode(resource, withField(resource.node!, "subjects", subjects))
}
