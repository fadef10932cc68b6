import { setOwn } from "@gitops-toolkit/kube"
import { refusal } from "../../answer.ts"
import { type Call, header, type User } from "../../wire/request.ts"
import type { TokenUser } from "../../../control-plane/api-server.ts"
import type { Attributes } from "./attributes.ts"

const authenticated = "system:authenticated"

/** Who may do everything: members of `system:masters`. */
export const mastersGroup: string = "system:masters"

const anonymous: User = { name: "system:anonymous", groups: ["system:unauthenticated"] }

/** The prefix of a service account's user name. */
export const serviceAccountPrefix: string = "system:serviceaccount:"

/** The user of a service account. */
export function serviceAccountUser(namespace: string, name: string): User {
  const groups = ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, authenticated]
  return { name: `${serviceAccountPrefix}${namespace}:${name}`, groups }
}

/** How the embedded server's tokens of service accounts begin: it knows them again without keeping any. */
export const serviceAccountToken: string = "embedded:serviceaccount:"

/** The user of a token, or undefined. */
export function userOfToken(token: string, users: readonly TokenUser[]): User | undefined {
  if (token.startsWith(serviceAccountToken)) {
    const [namespace = "", name = ""] = token.slice(serviceAccountToken.length).split(":")
    return serviceAccountUser(namespace, name)
  }
  const known = users.find((each) => each.token === token)
  if (!known) return undefined
  return {
    name: known.user,
    ...(known.uid === undefined ? {} : { uid: known.uid }),
    groups: [...(known.groups ?? []), authenticated],
  }
}

/** Who asks: the user of the bearer token, anonymous without one; 401 for a token that nobody has. */
export function authenticate(call: Pick<Call, "headers">, users: readonly TokenUser[]): User {
  const text = header(call, "authorization") ?? ""
  if (text === "") return anonymous
  const token = /^bearer +(\S+)$/i.exec(text)?.[1]
  const user = token === undefined ? undefined : userOfToken(token, users)
  if (user) return user
  throw refusal({ code: 401, reason: "Unauthorized", message: "Unauthorized" })
}

const extraPrefix = "impersonate-extra-"

/** A broken escape is no escape. */
function unescaped(key: string): string {
  try {
    return decodeURIComponent(key)
  } catch {
    return key
  }
}

/** What impersonation asks for; undefined when the request does not. */
export function impersonated(call: Pick<Call, "headers">): User | undefined {
  const name = header(call, "impersonate-user")
  if (name === undefined) return undefined
  const given = call.headers.get("impersonate-group") ?? []
  const uid = header(call, "impersonate-uid")
  const extra: Record<string, readonly string[]> = {}
  for (const [key, values] of call.headers) {
    if (key.startsWith(extraPrefix)) setOwn(extra, unescaped(key.slice(extraPrefix.length)), values)
  }
  const [namespace, account] = name.startsWith(serviceAccountPrefix)
    ? name.slice(serviceAccountPrefix.length).split(":")
    : []
  const own = given.length === 0 && namespace && account ? serviceAccountUser(namespace, account).groups : given
  const groups = own.includes(authenticated) || own.includes("system:unauthenticated") ? own : [...own, authenticated]
  return { name, groups, ...(uid === undefined ? {} : { uid }), ...(Object.keys(extra).length > 0 ? { extra } : {}) }
}

/** The rights that impersonating somebody takes. */
export function impersonationRights(user: User): Attributes[] {
  const right = (resource: string, name: string, more: Partial<Attributes> = {}): Attributes => ({
    verb: "impersonate",
    group: "",
    resource,
    namespace: "",
    name,
    path: "",
    ...more,
  })
  const [namespace, account] = user.name.startsWith(serviceAccountPrefix)
    ? user.name.slice(serviceAccountPrefix.length).split(":")
    : []
  const who = namespace && account ? right("serviceaccounts", account, { namespace }) : right("users", user.name)
  const group = "authentication.k8s.io"
  return [
    who,
    ...user.groups
      .filter((name) => !name.startsWith("system:serviceaccounts") && name !== authenticated)
      .map((name) => right("groups", name)),
    ...(user.uid === undefined ? [] : [right("uids", user.uid, { group })]),
    ...Object.entries(user.extra ?? {}).flatMap(([key, values]) =>
      values.map((value) => right(`userextras/${key}`, value, { group })),
    ),
  ]
}
