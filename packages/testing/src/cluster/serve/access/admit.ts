import type { Call, Target, User } from "../../wire/request.ts"
import type { ServerState } from "../../state.ts"
import { type Attributes, attributesOf } from "./attributes.ts"
import { authenticate, impersonated, impersonationRights, mastersGroup, serviceAccountPrefix } from "./authenticate.ts"
import { authorize, denied } from "./rbac.ts"

const everybody: User = { name: "admin", uid: "admin", groups: [mastersGroup, "system:authenticated"] }

/** Who asks, after impersonation, once it is sure that he may: 401 and 403 otherwise. */
export function admit(
  state: ServerState,
  call: Call,
  route: { readonly target?: Target | undefined; readonly verb: string },
): User {
  const user = state.users.length > 0 ? authenticate(call, state.users) : everybody
  const attributes = attributesOf(call, route)
  const acting = actingAs(state, user, { call, attributes })
  const verdict = authorize(state, acting, attributes)
  if (!verdict.allowed) throw denied(acting, attributes, verdict)
  return acting
}

function actingAs(
  state: ServerState,
  user: User,
  { call, attributes }: { readonly call: Call; readonly attributes: Attributes },
): User {
  const other = impersonated(call)
  if (!other) return user
  const may = impersonationRights(other).every((right) => authorize(state, user, right).allowed)
  if (may) return other
  const mode = other.name.startsWith(serviceAccountPrefix) ? "serviceaccount" : "user-info"
  const on = { ...attributes, verb: `impersonate-on:${mode}:${attributes.verb}` }
  const constrained = impersonationRights(other).every(
    (right) => authorize(state, user, { ...right, verb: `impersonate:${mode}` }).allowed,
  )
  const verdict = authorize(state, user, on)
  if (constrained && verdict.allowed) return other
  throw denied(user, on, verdict.allowed ? { reason: "" } : verdict)
}

/** 403 when the user of a call may not do something besides what was asked for at first. */
export function requireRight(state: ServerState, call: Call, attributes: Attributes): void {
  const verdict = authorize(state, call.user, attributes)
  if (!verdict.allowed) throw denied(call.user, attributes, verdict)
}
