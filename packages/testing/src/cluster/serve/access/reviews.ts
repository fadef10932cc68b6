import type { KubeObject } from "@gitops-toolkit/kube"
import type { Answer } from "../../answer.ts"
import type { Call, User } from "../../wire/request.ts"
import type { Resource } from "../../resource.ts"
import type { ServerState } from "../../state.ts"
import { trackUpdate } from "../../write/managed.ts"
import type { Attributes } from "./attributes.ts"
import { userOfToken } from "./authenticate.ts"
import { authorize, type Rule, rulesFor } from "./rbac.ts"

interface ReviewSpec {
  readonly resourceAttributes?: {
    readonly namespace?: string
    readonly verb?: string
    readonly group?: string
    readonly resource?: string
    readonly subresource?: string
    readonly name?: string
  }
  readonly nonResourceAttributes?: { readonly path?: string; readonly verb?: string }
  readonly user?: string
  readonly groups?: readonly string[]
  readonly uid?: string
  readonly namespace?: string
  readonly token?: string
}

/** One review: the decoded body and who asks. */
export interface ReviewRequest {
  readonly call: Call
  readonly resource: Resource
  readonly object: KubeObject
  readonly manager: string
}

type Reviewer = (state: ServerState, spec: ReviewSpec, user: User) => unknown

const reviewers: { readonly [kind: string]: Reviewer } = {
  SelfSubjectAccessReview: (state, spec, user) => accessStatus(state, spec, user),
  SubjectAccessReview: accessOfOther,
  LocalSubjectAccessReview: accessOfOther,
  SelfSubjectRulesReview: rulesStatus,
  TokenReview: tokenStatus,
}

/** Answers the reviews of `authorization.k8s.io` and `authentication.k8s.io`; undefined for other kinds. */
export function serveReview(
  state: ServerState,
  { call, resource, object, manager }: ReviewRequest,
): Answer | undefined {
  if (resource.kind === "SelfSubjectReview") {
    const { kind, apiVersion } = resource
    const metadata = { creationTimestamp: state.timestamp() }
    return { status: 201, object: { kind, apiVersion, metadata, status: { userInfo: userInfo(call.user) } } }
  }
  const review = Object.hasOwn(reviewers, resource.kind) ? reviewers[resource.kind] : undefined
  if (!review) return undefined
  const tracked = trackUpdate(object, undefined, {
    resource,
    registry: state.registry,
    manager,
    subresource: "",
    nowMs: state.clock.now(),
  })
  const status = review(state, (object.spec ?? {}) as ReviewSpec, call.user)
  return { status: 201, object: { ...tracked, status } }
}

function userInfo({ name, uid, groups, extra }: User): object {
  return { username: name, ...(uid === undefined ? {} : { uid }), groups, ...(extra ? { extra } : {}) }
}

function accessOfOther(state: ServerState, spec: ReviewSpec): unknown {
  return accessStatus(state, spec, { name: spec.user ?? "", groups: spec.groups ?? [] })
}

function accessStatus(state: ServerState, spec: ReviewSpec, user: User): unknown {
  const { allowed, reason } = authorize(state, user, attributesIn(spec))
  return { allowed, ...(reason === "" ? {} : { reason }) }
}

function attributesIn({ resourceAttributes: wanted, nonResourceAttributes: path }: ReviewSpec): Attributes {
  const none = { group: "", resource: "", namespace: "", name: "", path: "" }
  if (path) return { ...none, verb: path.verb ?? "", path: path.path ?? "" }
  const { verb = "", group = "", resource = "", subresource = "", namespace = "", name = "" } = wanted ?? {}
  return {
    ...none,
    verb,
    group,
    namespace,
    name,
    resource: subresource === "" ? resource : `${resource}/${subresource}`,
  }
}

function rulesStatus(state: ServerState, { namespace = "" }: ReviewSpec, user: User): unknown {
  const rules = user.groups.includes("system:masters")
    ? [
        { verbs: ["*"], apiGroups: ["*"], resources: ["*"] },
        { verbs: ["*"], nonResourceURLs: ["*"] },
      ]
    : rulesFor(state, user, namespace)
  const isPath = (rule: Rule): boolean => (rule.nonResourceURLs ?? []).length > 0
  return {
    resourceRules: rules.filter((rule) => !isPath(rule)),
    nonResourceRules: rules
      .filter((rule) => isPath(rule))
      .map(({ verbs, nonResourceURLs }: Rule) => ({ verbs, nonResourceURLs })),
    incomplete: false,
  }
}

function tokenStatus(state: ServerState, { token = "" }: ReviewSpec): unknown {
  const user = userOfToken(token, state.users)
  if (!user) return { user: {}, error: "invalid bearer token" }
  return { authenticated: true, user: userInfo(user), audiences: ["https://127.0.0.1:6443/"] }
}
