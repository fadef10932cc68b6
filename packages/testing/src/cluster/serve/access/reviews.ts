import type { KubeObject } from "@gitops-toolkit/kube"
import { type Answer, badRequest, type Cause, invalid } from "../../answer.ts"
import { omit } from "../../kinds/omit.ts"
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
  const spec = (object.spec ?? {}) as ReviewSpec
  if (resource.kind === "SelfSubjectRulesReview") {
    if (!spec.namespace) throw badRequest("no namespace on request")
    const { kind, apiVersion } = resource
    return { status: 201, object: { kind, apiVersion, metadata: {}, spec: {}, status: review(state, spec, call.user) } }
  }
  if (resource.kind === "TokenReview" && !spec.token)
    throw badRequest("token is required for TokenReview in authentication")
  const tracked = trackUpdate(object, undefined, {
    resource,
    registry: state.registry,
    manager,
    subresource: "",
    nowMs: state.clock.now(),
  })
  const causes = resource.kind === "TokenReview" ? [] : accessReviewCauses(tracked, resource.kind)
  if (causes.length > 0) throw invalid({ group: "authorization.k8s.io", kind: "" }, "", causes)
  const status = review(state, spec, call.user)
  return { status: 201, object: { ...tracked, status } }
}

/** What is wrong with a question about access. */
function accessReviewCauses({ metadata, spec }: KubeObject, kind: string): Cause[] {
  const { resourceAttributes, nonResourceAttributes: path, user, groups = [] } = (spec ?? {}) as ReviewSpec
  const causes: Cause[] = []
  const wrong = (field: string, value: unknown, why: string): void =>
    void causes.push({ reason: "FieldValueInvalid", message: `Invalid value: ${JSON.stringify(value)}: ${why}`, field })
  const shown = path && { Path: path.path ?? "", Verb: path.verb ?? "" }
  const isLocal = kind === "LocalSubjectAccessReview"
  if (resourceAttributes && path)
    wrong("spec.nonResourceAttributes", shown, "cannot be specified in combination with resourceAttributes")
  if (!resourceAttributes && !path) {
    const why = "exactly one of nonResourceAttributes or resourceAttributes must be specified"
    wrong("spec.resourceAttributes", null, why)
  }
  if (kind !== "SelfSubjectAccessReview" && !user && groups.length === 0)
    wrong("spec.user", "", "at least one of user or group must be specified")
  const others = omit(metadata, ...(isLocal ? (["managedFields", "namespace"] as const) : (["managedFields"] as const)))
  if (Object.keys(others).length > 0)
    wrong("metadata", metadata, isLocal ? "must be empty except for namespace" : "must be empty")
  if (!isLocal) return causes
  const { namespace = "" } = resourceAttributes ?? {}
  if (resourceAttributes && namespace !== metadata.namespace)
    wrong("spec.resourceAttributes.namespace", namespace, "must match metadata.namespace")
  if (path) wrong("spec.nonResourceAttributes", shown, "disallowed on this kind of request")
  return causes
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
