import type { KubeObject } from "@gitops-toolkit/kube"
import { forbidden } from "../../answer.ts"
import type { User } from "../../wire/request.ts"
import type { Resource } from "../../resource.ts"
import type { ServerState } from "../../state.ts"
import { authorize, missingRules, type RoleRef, type Rule, rulesOf } from "./rbac.ts"

const group = "rbac.authorization.k8s.io"

interface RoleObject extends KubeObject {
  readonly rules?: readonly Rule[] | null
  readonly roleRef?: RoleRef
}

/** 403 when a user grants rights that he has not, by a role or by binding one. */
export function checkEscalation(
  state: ServerState,
  user: User,
  { resource, object }: { readonly resource: Resource; readonly object: KubeObject },
): void {
  if (resource.group !== group) return
  const { rules, roleRef, metadata } = object as RoleObject
  const namespace = resource.namespaced ? (metadata.namespace ?? "") : ""
  const granted = roleRef ? rulesOf(state, roleRef, namespace) : (rules ?? [])
  const missing = missingRules(state, user, { rules: granted, namespace })
  if (missing.length === 0) return
  const plural = roleRef ? (roleRef.kind === "ClusterRole" ? "clusterroles" : "roles") : resource.plural
  const name = roleRef ? roleRef.name : (metadata.name ?? "")
  const right = { verb: roleRef ? "bind" : "escalate", group, resource: plural, namespace, name, path: "" }
  if (authorize(state, user, right).allowed) return
  const groups = user.groups.map((each) => JSON.stringify(each)).join(" ")
  const list = missing.map((rule) => printRule(rule)).join("\n")
  throw forbidden(
    resource,
    metadata.name ?? "",
    `user ${JSON.stringify(user.name)} (groups=[${groups}]) is attempting to grant RBAC permissions not currently held:\n${list}`,
  )
}

function printRule({ apiGroups, resources, resourceNames, nonResourceURLs, verbs }: Rule): string {
  const part = (name: string, values: readonly string[] | undefined): string[] =>
    (values ?? []).length === 0 ? [] : [`${name}:[${values!.map((value) => JSON.stringify(value)).join(" ")}]`]
  return `{${[
    ...part("APIGroups", apiGroups),
    ...part("Resources", resources),
    ...part("ResourceNames", resourceNames),
    ...part("NonResourceURLs", nonResourceURLs),
    ...part("Verbs", verbs),
  ].join(", ")}}`
}
