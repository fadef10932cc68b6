import { formatRef, groupOf, type ObjectRef } from "@gitops-toolkit/kube"
import type { ObjectFailure } from "./error.ts"
import { failureOf } from "./applying/failure.ts"

/** What a tenant may touch. What is absent is not restricted, but cluster-scoped objects must be allowed by name. */
export interface Allow {
  /** Namespaces; a `*` at the end stands for any rest: `team-*`. */
  readonly namespaces?: readonly string[]
  /** `<group>/<Kind>`, `<group>/*` or, for the core group, `<Kind>`: `apps/Deployment`, `batch/*`, `ConfigMap`. */
  readonly kinds?: readonly string[]
  /** Whether objects without a namespace may be touched (Namespaces, CRDs, ClusterRoles); default false. */
  readonly clusterScoped?: boolean
}

/**
 * Why each of `refs` is outside of `allow`: no entry for those that are inside. Pure; asks nobody.
 *
 * @example
 * checkAllowed([{ apiVersion: "v1", kind: "Namespace", name: "x" }], { namespaces: ["team-a"] })[0]?.code   // "NotAllowed"
 */
export function checkAllowed(refs: readonly ObjectRef[], allow: Allow | undefined): ObjectFailure[] {
  if (allow === undefined) return []
  return refs.flatMap((ref) => {
    const message = refusal(ref, allow)
    return message === undefined ? [] : [failureOf(ref, "NotAllowed", { message })]
  })
}

function refusal(ref: ObjectRef, { namespaces, kinds, clusterScoped = false }: Allow): string | undefined {
  if (ref.namespace === undefined) {
    if (!clusterScoped) return "objects without a namespace are not allowed here"
  } else if (namespaces && !namespaces.some((pattern) => matches(pattern, ref.namespace ?? ""))) {
    return `namespace '${ref.namespace}' is not allowed here`
  }
  if (kinds && !kinds.some((pattern) => matchesKind(pattern, ref))) {
    return `${formatRef({ ...ref, kind: `${groupOf(ref.apiVersion)}/${ref.kind}` })} is of a kind that is not allowed here`
  }
  return undefined
}

function matches(pattern: string, text: string): boolean {
  return pattern.endsWith("*") ? text.startsWith(pattern.slice(0, -1)) : text === pattern
}

function matchesKind(pattern: string, { apiVersion, kind }: ObjectRef): boolean {
  const slash = pattern.indexOf("/")
  const group = slash < 0 ? "" : pattern.slice(0, slash)
  return (group === "*" || group === groupOf(apiVersion)) && matches(pattern.slice(slash + 1), kind)
}
