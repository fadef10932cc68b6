import type { KubeObject } from "@gitops-toolkit/kube"
import { refusal } from "../../answer.ts"
import type { User } from "../../wire/request.ts"
import type { ServerState } from "../../state.ts"
import type { Attributes } from "./attributes.ts"
import { mastersGroup, serviceAccountPrefix } from "./authenticate.ts"

/** One rule of a Role or ClusterRole. */
export interface Rule {
  readonly verbs?: readonly string[]
  readonly apiGroups?: readonly string[]
  readonly resources?: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly nonResourceURLs?: readonly string[]
}

/** A subject of a binding. */
interface Subject {
  readonly kind: string
  readonly name: string
  readonly namespace?: string
}

/** A role that a binding refers to. */
export interface RoleRef {
  readonly kind: string
  readonly name: string
}

interface Binding extends KubeObject {
  readonly roleRef: RoleRef
  readonly subjects?: readonly Subject[] | null
}

/** Rules that hold for a user, and why. */
interface Grant {
  readonly rules: readonly Rule[]
  readonly reason: string
  /** The role that is bound and not there. */
  readonly missing?: string
}

const group = "rbac.authorization.k8s.io"

function roleOf(state: ServerState, { kind, name }: RoleRef, namespace: string): KubeObject | undefined {
  const table = kind === "ClusterRole" ? `clusterroles.${group}` : `roles.${group}`
  return state.store.get(table, kind === "ClusterRole" ? name : `${namespace}/${name}`)
}

/** The rules of a role; none when it is not there. */
export function rulesOf(state: ServerState, ref: RoleRef, namespace: string): readonly Rule[] {
  const role = roleOf(state, ref, namespace) as { readonly rules?: readonly Rule[] | null } | undefined
  return role?.rules ?? []
}

function missingRole(state: ServerState, ref: RoleRef, namespace: string): Pick<Grant, "missing"> {
  if (roleOf(state, ref, namespace)) return {}
  return { missing: `${ref.kind.toLowerCase()}.${group} ${JSON.stringify(ref.name)} not found` }
}

function subjectOf(user: User, subjects: readonly Subject[], namespace: string): Subject | undefined {
  return subjects.find((subject) => {
    if (subject.kind === "User") return subject.name === user.name
    if (subject.kind === "Group") return user.groups.includes(subject.name)
    return user.name === `${serviceAccountPrefix}${subject.namespace ?? namespace}:${subject.name}`
  })
}

function subjectText({ kind, name, namespace }: Subject): string {
  return kind === "ServiceAccount" ? `ServiceAccount "${name}/${namespace}"` : `${kind} ${JSON.stringify(name)}`
}

function* grantsOf(state: ServerState, user: User, namespace: string): Generator<Grant> {
  for (const [, object] of state.store.list(`clusterrolebindings.${group}`, "").entries) {
    const { roleRef, subjects, metadata } = object as Binding
    const subject = subjectOf(user, subjects ?? [], "")
    if (!subject) continue
    const reason = `RBAC: allowed by ClusterRoleBinding ${JSON.stringify(metadata.name)} of ${roleRef.kind} ${JSON.stringify(roleRef.name)} to ${subjectText(subject)}`
    yield { rules: rulesOf(state, roleRef, ""), reason, ...missingRole(state, roleRef, "") }
  }
  if (namespace === "") return
  for (const [, object] of state.store.list(`rolebindings.${group}`, `${namespace}/`).entries) {
    const { roleRef, subjects, metadata } = object as Binding
    const subject = subjectOf(user, subjects ?? [], namespace)
    if (!subject) continue
    const reason = `RBAC: allowed by RoleBinding "${metadata.name}/${namespace}" of ${roleRef.kind} ${JSON.stringify(roleRef.name)} to ${subjectText(subject)}`
    yield { rules: rulesOf(state, roleRef, namespace), reason, ...missingRole(state, roleRef, namespace) }
  }
}

const holds = (list: readonly string[] | undefined, value: string): boolean =>
  (list ?? []).some((each) => each === "*" || each === value)

function covers(rule: Rule, { verb, group: apiGroup, resource, name, path }: Attributes): boolean {
  if (!holds(rule.verbs, verb)) return false
  if (path !== "")
    return (rule.nonResourceURLs ?? []).some(
      (url) => url === "*" || url === path || (url.endsWith("*") && path.startsWith(url.slice(0, -1))),
    )
  if (!holds(rule.apiGroups, apiGroup)) return false
  const [, sub] = resource.split("/")
  const named = holds(rule.resources, resource) || (sub !== undefined && (rule.resources ?? []).includes(`*/${sub}`))
  return named && ((rule.resourceNames ?? []).length === 0 || rule.resourceNames!.includes(name))
}

/** Whether `user` may do something, and why. */
export function authorize(
  state: ServerState,
  user: User,
  attributes: Attributes,
): { readonly allowed: boolean; readonly reason: string } {
  if (user.groups.includes(mastersGroup)) return { allowed: true, reason: "" }
  const gone = new Set<string>()
  for (const { rules, reason, missing } of grantsOf(state, user, attributes.namespace)) {
    if (rules.some((rule) => covers(rule, attributes))) return { allowed: true, reason }
    if (missing !== undefined) gone.add(missing)
  }
  if (gone.size === 0) return { allowed: false, reason: "" }
  const list = [...gone]
  return { allowed: false, reason: `RBAC: ${list.length === 1 ? list[0] : `[${list.join(", ")}]`}` }
}

/** All rules that hold for a user in a namespace. */
export function rulesFor(state: ServerState, user: User, namespace: string): Rule[] {
  return [...grantsOf(state, user, namespace)].flatMap(({ rules }) => rules)
}

/** 403 in the server's words. */
export function denied(
  user: User,
  { verb, group: apiGroup, resource, namespace, name, path }: Attributes,
  { reason }: { readonly reason: string },
): Error {
  const why = reason === "" ? "" : `: ${reason}`
  const who = `User ${JSON.stringify(user.name)}`
  if (path !== "") {
    return refusal({
      code: 403,
      reason: "Forbidden",
      message: `forbidden: ${who} cannot ${verb} path ${JSON.stringify(path)}${why}`,
      details: {},
    })
  }
  const [plural = ""] = resource.split("/")
  const qualified = apiGroup === "" ? plural : `${plural}.${apiGroup}`
  const subject = name === "" ? qualified : `${qualified} ${JSON.stringify(name)}`
  const place = namespace === "" ? "at the cluster scope" : `in the namespace ${JSON.stringify(namespace)}`
  return refusal({
    code: 403,
    reason: "Forbidden",
    message: `${subject} is forbidden: ${who} cannot ${verb} resource ${JSON.stringify(resource)} in API group ${JSON.stringify(apiGroup)} ${place}${why}`,
    details: { ...(name === "" ? {} : { name }), ...(apiGroup === "" ? {} : { group: apiGroup }), kind: plural },
  })
}

/** The rules, one verb, group and resource each, that `user` does not hold in `namespace`. */
export function missingRules(
  state: ServerState,
  user: User,
  { rules, namespace }: { readonly rules: readonly Rule[]; readonly namespace: string },
): Rule[] {
  if (user.groups.includes(mastersGroup)) return []
  const held = rulesFor(state, user, namespace)
  return rules.filter((rule) => !singles(rule).every((single) => held.some((each) => coversRule(each, single))))
}

function singles(rule: Rule): Rule[] {
  // A role without verbs is refused later, by its validation.
  const verbs = rule.verbs ?? []
  const urls = (rule.nonResourceURLs ?? []).flatMap((url) =>
    verbs.map((verb) => ({ verbs: [verb], nonResourceURLs: [url] })),
  )
  const names = (rule.resourceNames ?? []).length > 0 ? rule.resourceNames!.map((name) => [name]) : [[]]
  const resources = verbs.flatMap((verb) =>
    (rule.apiGroups ?? []).flatMap((apiGroup) =>
      (rule.resources ?? []).flatMap((resource) =>
        names.map((resourceNames) => ({ verbs: [verb], apiGroups: [apiGroup], resources: [resource], resourceNames })),
      ),
    ),
  )
  return [...resources, ...urls]
}

function coversRule(held: Rule, single: Rule): boolean {
  const [verb = ""] = single.verbs ?? []
  if (!holds(held.verbs, verb)) return false
  if (single.nonResourceURLs) {
    const [url = ""] = single.nonResourceURLs
    return (held.nonResourceURLs ?? []).some(
      (each) => each === "*" || each === url || (each.endsWith("*") && url.startsWith(each.slice(0, -1))),
    )
  }
  const [apiGroup = ""] = single.apiGroups ?? []
  const [resource = ""] = single.resources ?? []
  const [name] = single.resourceNames ?? []
  const [, sub] = resource.split("/")
  const resources =
    holds(held.resources, resource) || (sub !== undefined && (held.resources ?? []).includes(`*/${sub}`))
  const names = (held.resourceNames ?? []).length === 0 || (name !== undefined && held.resourceNames!.includes(name))
  return holds(held.apiGroups, apiGroup) && resources && names
}
