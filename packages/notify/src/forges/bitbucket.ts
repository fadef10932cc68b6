import { createHash } from "node:crypto"
import { basicAuthorization, checkText, type Channel } from "../channel.ts"
import { nameOf, type CommitStatus } from "../commit-status.ts"
import { NotifyError } from "../error.ts"
import type { Notification } from "../notification.ts"
import { textAt } from "./comment.ts"
import { createStatusChannel, parseRepository, type StatusChannelOptions } from "./status.ts"

// Keys may have 40 characters.
function keyOf(context: string): string {
  return createHash("sha1").update(context).digest("hex")
}

/** Options of `bitbucketStatusChannel`. */
export interface BitbucketStatusOptions extends StatusChannelOptions {
  /** `user:app-password`. */
  readonly token: string
}

/**
 * Sets build statuses of commits on Bitbucket Cloud. Progress is not told. Throws `NotifyError` `InvalidConfig` for an
 * address without owner and name, and for a token of another form.
 *
 * @example
 * const token = `fleet-bot:${process.env["BITBUCKET_APP_PASSWORD"]!}`
 * const status = bitbucketStatusChannel({ address: "https://bitbucket.org/acme/fleet", token })
 */
export function bitbucketStatusChannel(options: BitbucketStatusOptions): Channel {
  const [username, password, ...rest] = checkText(options.token, "bitbucket token").split(":")
  if (!username || !password || rest.length > 0) {
    throw new NotifyError("InvalidConfig", "invalid token format, expected to be <user>:<password>")
  }
  const { owner, name } = parseRepository(options.address)
  const commits = `https://api.bitbucket.org/2.0/repositories/${owner}/${name}/commit`
  return createStatusChannel({
    name: "bitbucket",
    options,
    states: { info: "SUCCESSFUL", error: "FAILED" },
    headers: () => Promise.resolve({ authorization: basicAuthorization(username, password) }),
    list: (commit, { context }) => ({ url: `${commits}/${commit}/statuses/build/${keyOf(context)}` }),
    read: (text, { context }) => [statusIn(JSON.parse(text), context)],
    create: (commit, { state, context, description }, notification) => ({
      url: `${commits}/${commit}/statuses/build`,
      body: { state, key: keyOf(context), name: nameOf(notification), description, url: "https://bitbucket.org" },
    }),
  })
}

function statusIn(value: unknown, context: string): CommitStatus {
  return { state: textAt(value, "state"), context, description: textAt(value, "description") }
}

/** Options of `bitbucketServerStatusChannel`. */
export interface BitbucketServerStatusOptions extends StatusChannelOptions {
  /** An HTTP access token; wins over user name and password. */
  readonly token?: string
  readonly username?: string
  readonly password?: string
}

/**
 * Sets build statuses of commits on Bitbucket Server (Data Center). Progress is not told. Throws `NotifyError`
 * `InvalidConfig` for an address as `bitbucketServerBuildUrl` does, and without credentials.
 *
 * @example
 * const address = "https://git.acme.example/scm/shop/fleet.git"
 * const status = bitbucketServerStatusChannel({ address, token: process.env["BITBUCKET_TOKEN"]! })
 */
export function bitbucketServerStatusChannel(options: BitbucketServerStatusOptions): Channel {
  const { address, token, username, password } = options
  bitbucketServerBuildUrl(address, "")
  if (!token && !(username && password)) {
    throw new NotifyError("InvalidConfig", "invalid credentials, expected to be one of username/password or API Token")
  }
  const authorization = token ? `Bearer ${token}` : basicAuthorization(username ?? "", password ?? "")
  return createStatusChannel({
    name: "bitbucketserver",
    options,
    states: { info: "SUCCESSFUL", error: "FAILED" },
    headers: () =>
      Promise.resolve({ authorization, "x-atlassian-token": "no-check", "x-requested-with": "XMLHttpRequest" }),
    list: (commit, { context }) => ({ url: `${bitbucketServerBuildUrl(address, commit)}?key=${keyOf(context)}` }),
    read(text, { context }) {
      const value: unknown = JSON.parse(text)
      return textAt(value, "key") === keyOf(context) ? [statusIn(value, context)] : []
    },
    create: (commit, { state, context, description }, notification) => ({
      url: bitbucketServerBuildUrl(address, commit),
      body: { key: keyOf(context), state, url: address, description, name: labelOf(notification, description) },
    }),
  })
}

// The server shows only this.
function labelOf(notification: Notification, description: string): string {
  return `${nameOf(notification)} [${description}]`
}

/**
 * Where a Bitbucket Server keeps the build statuses of a commit. The address must be the one for cloning over http(s), with `/scm/`;
 * what comes before the last `/scm/` is the server's context path and stays. Throws `NotifyError` `InvalidConfig`.
 *
 * @example
 * bitbucketServerBuildUrl("https://git.acme.example/scm/shop/fleet.git", "69b59063")
 * // "https://git.acme.example/rest/api/latest/projects/shop/repos/fleet/commits/69b59063/builds"
 */
export function bitbucketServerBuildUrl(address: string, commit: string): string {
  const refuse = (why: string): NotifyError => new NotifyError("InvalidConfig", `could not parse git address: ${why}`)
  const url = URL.parse(address)
  if (!url) throw refuse("it is no URL")
  if (url.protocol !== "http:" && url.protocol !== "https:") throw refuse("unsupported scheme, must be http or https")
  const path = url.pathname.replace(/\.git$/, "")
  const scm = path.lastIndexOf("/scm/")
  if (scm < 0) throw refuse("supplied provider address is not http(s) git clone url")
  const [project = "", repository = "", ...rest] = path.slice(scm + 5).split("/")
  if (project === "" || repository === "" || rest.length > 0) throw refuse("invalid repository id")
  const base = `${url.origin}${path.slice(0, scm)}`
  return `${base}/rest/api/latest/projects/${project}/repos/${repository}/commits/${commit}/builds`
}
