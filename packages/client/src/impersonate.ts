/** Who requests are made as, when the connection's own identity may impersonate it. */
export interface Impersonation {
  /** `jane`, `system:serviceaccount:prod:deployer`. */
  readonly user: string
  readonly groups?: readonly string[]
  readonly uid?: string
  /** Extra attributes: key to values. */
  readonly extra?: { readonly [key: string]: readonly string[] }
}

/**
 * The headers of an impersonation; a text is a user's name. Groups and extra values are one header line each. Header
 * names cannot hold every key, so keys are percent-encoded as client-go does.
 *
 * @example
 * impersonationHeaders({ user: "jane", groups: ["dev", "ops"] })
 */
export function impersonationHeaders(as: string | Impersonation): {
  readonly [name: string]: string | readonly string[]
} {
  if (typeof as === "string") return { "impersonate-user": as }
  const headers: { [name: string]: string | readonly string[] } = { "impersonate-user": as.user }
  if (as.groups && as.groups.length > 0) headers["impersonate-group"] = as.groups
  if (as.uid !== undefined) headers["impersonate-uid"] = as.uid
  for (const [key, values] of Object.entries(as.extra ?? {})) {
    headers[`impersonate-extra-${encodeURIComponent(key.toLowerCase())}`] = values
  }
  return headers
}

/**
 * The impersonation of a service account: its user name and the groups that the server would give it.
 *
 * @example
 * const tenant = await connect({ as: serviceAccount("prod", "deployer") })
 */
export function serviceAccount(namespace: string, name: string): Impersonation {
  return {
    user: `system:serviceaccount:${namespace}:${name}`,
    groups: ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"],
  }
}
