import { equalJson } from "@gitops-toolkit/kube"
import { internal } from "./internal.ts"
import { all, each, fields, given, named, needed, oneOf, onUpdate } from "./rule.ts"
import { labelSelector } from "./selector.ts"
import { listOf, mapOf, type Rule, textOf } from "./walk.ts"

const group = "rbac.authorization.k8s.io"

const policyRule =
  ({ isNamespaced }: { readonly isNamespaced: boolean }): Rule =>
  (value, walk) => {
    const rule = mapOf(value)
    const has = (name: string): boolean => listOf(rule[name]).length > 0
    const { nonResourceURLs: urls } = rule
    if (!has("verbs")) walk.required("verbs", "verbs must contain at least one value")
    if (has("nonResourceURLs")) {
      if (isNamespaced) walk.invalid("nonResourceURLs", urls, "namespaced rules cannot apply to non-resource URLs")
      if (has("apiGroups") || has("resources") || has("resourceNames"))
        walk.invalid("nonResourceURLs", urls, "rules cannot apply to both regular resources and non-resource URLs")
      return
    }
    if (!has("apiGroups")) walk.required("apiGroups", "resource rules must supply at least one api group")
    if (!has("resources")) walk.required("resources", "resource rules must supply at least one resource")
  }

/** Roles. */
export const role: Rule = fields({ rules: each(policyRule({ isNamespaced: true })) })

const aggregation: Rule = given((value, walk) => {
  const selectors = listOf(mapOf(value)["clusterRoleSelectors"])
  if (selectors.length === 0)
    walk.required("clusterRoleSelectors", "at least one clusterRoleSelector required if aggregationRule is non-nil")
  for (const [index, selector] of selectors.entries()) {
    const before = walk.causes.length
    walk.at(`clusterRoleSelectors[${index}]`, selector, labelSelector)
    // The server shows a selector that it could not read: nothing.
    if (walk.causes.length > before) walk.invalid(`clusterRoleSelectors[${index}]`, null, "invalid label selector.")
  }
})

/** ClusterRoles. */
export const clusterRole: Rule = fields({
  rules: each(policyRule({ isNamespaced: false })),
  aggregationRule: aggregation,
})

const subject =
  ({ isNamespaced }: { readonly isNamespaced: boolean }): Rule =>
  (value, walk) => {
    const { kind, name, apiGroup, namespace } = mapOf(value)
    if (textOf(name) === "") walk.required("name")
    if (kind === "ServiceAccount") {
      if (textOf(name) !== "") walk.at("name", name, named("subdomain"))
      if (textOf(apiGroup) !== "") walk.unsupported("apiGroup", apiGroup, [""])
      if (!isNamespaced && textOf(namespace) === "") walk.required("namespace")
    } else if (kind === "User" || kind === "Group") walk.at("apiGroup", apiGroup, oneOf(group))
    else walk.unsupported("kind", textOf(kind), ["ServiceAccount", "User", "Group"])
  }

const sameRole: Rule = onUpdate((value, walk) => {
  const now = mapOf(value)["roleRef"]
  if (!equalJson(now ?? {}, walk.before?.["roleRef"] ?? {}))
    walk.invalid("roleRef", internal("rbac/v1.RoleRef", now ?? {}), "cannot change roleRef")
})

function binding(isNamespaced: boolean, kinds: readonly string[]): Rule {
  return all(
    fields({
      roleRef: fields({ apiGroup: oneOf(group), kind: oneOf(...kinds), name: needed(named("path")) }),
      subjects: each(subject({ isNamespaced })),
    }),
    sameRole,
  )
}

/** RoleBindings. */
export const roleBinding: Rule = binding(true, ["Role", "ClusterRole"])

/** ClusterRoleBindings. */
export const clusterRoleBinding: Rule = binding(false, ["ClusterRole"])
