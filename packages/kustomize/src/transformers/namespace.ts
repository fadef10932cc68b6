import { applyFieldSpec, expectScalar, specApplies } from "../config/field-spec.ts"
import type { FieldSpec } from "../config/field-spec.ts"
import { KustomizeError, fail } from "../error.ts"
import { fieldOf, isList, isMap, isMissingOrNull, textOf, valueOf } from "../node/node.ts"
import type { Node } from "../node/node.ts"
import { replaceNode, withElement, withField } from "../node/own.ts"
import { checkUnique, forgetIds, remember } from "../resource/resource-map.ts"
import type { ResourceMap } from "../resource/resource-map.ts"
import { apiVersionOfResource, gvkOf, isGone, kindOfResource, metaMap } from "../resource/resource.ts"
import type { Resource } from "../resource/resource.ts"
import { formatId } from "../resource/resource-id.ts"

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
  for (const resource of map.resources) {
    if (isGone(resource) || metaMap(resource, "annotations").get(helmGenerated) === "true") continue
    remember(map, resource)
    setNamespace(map, resource, config)
  }
  forgetIds(map)
  checkUnique(map, (id) => {
    throw new KustomizeError("DuplicateObject", `namespace transformation produces ID conflict: ${formatId(id)}`)
  })
}

/** Sets the namespace of one resource, without remembering what it was. */
export function setNamespace(map: ResourceMap, resource: Resource, config: NamespaceConfig): void {
  const apiVersion = apiVersionOfResource(resource)
  const kind = kindOfResource(resource)
  const set = (value: Node): Node => {
    expectScalar(value)
    return config.unsetOnly === true && valueOf(value) !== "" ? value : config.namespace
  }
  if (!map.scopes(apiVersion, kind)) {
    applyFieldSpec(resource, { path: "metadata/namespace", create: true }, { create: "scalar", set })
  }
  const isBinding = kind === "RoleBinding" || kind === "ClusterRoleBinding"
  if (isBinding) setSubjects(resource, config.setRoleBindingSubjects ?? "defaultOnly", set)
  const gvk = gvkOf(resource)
  for (const spec of config.fieldSpecs) {
    const isMeta = spec.path === "metadata/namespace" || (spec.path === "metadata/name" && apiVersion !== "v1")
    const isSubject = isBinding && isBindingKind(spec.kind) && spec.path === "subjects/namespace"
    if (isMeta || isSubject || !specApplies(spec, gvk)) continue
    applyFieldSpec(resource, spec, { create: "scalar", set })
  }
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
