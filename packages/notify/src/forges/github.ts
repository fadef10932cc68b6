import { createSender, type Channel } from "../channel.ts"
import { printNotification } from "../notification.ts"
import { createCommentChannel, textAt, type CommentChannelOptions } from "./comment.ts"
import { githubHeaders, type GithubAuth } from "./github-auth.ts"
import { createStatusChannel, parseMaps, parseRepository, withHeaders, type StatusChannelOptions } from "./status.ts"

/**
 * The API of the GitHub that hosts repositories at `host`: github.com's own, or that of an Enterprise Server.
 *
 * @example
 * githubApiOf("https://github.com")   // "https://api.github.com"
 * githubApiOf("https://git.acme.example")   // "https://git.acme.example/api/v3"
 */
export function githubApiOf(host: string): string {
  return host === "https://github.com" ? "https://api.github.com" : `${host}/api/v3`
}

/**
 * Sets statuses of commits on GitHub.
 *
 * @example
 * const status = githubStatusChannel({ address: "https://github.com/acme/fleet", token: process.env["GITHUB_TOKEN"]! })
 */
export function githubStatusChannel(options: StatusChannelOptions & GithubAuth): Channel {
  const { host, owner, name } = parseRepository(options.address)
  const api = githubApiOf(host)
  const repository = `${api}/repos/${owner}/${name}`
  return createStatusChannel({
    name: "github",
    options,
    states: { info: "success", error: "failure" },
    headers: githubHeaders(options, api),
    list: (commit) => ({ url: `${repository}/commits/${commit}/statuses?per_page=50` }),
    read: (text) =>
      parseMaps(text).map((item) => ({
        state: textAt(item, "state"),
        context: textAt(item, "context"),
        description: textAt(item, "description"),
      })),
    create: (commit, status) => ({ url: `${repository}/statuses/${commit}`, body: status }),
  })
}

/** Options of `githubDispatchChannel`. */
export interface GithubDispatchOptions extends GithubAuth, Omit<StatusChannelOptions, "context"> {}

/**
 * Triggers workflows by `repository_dispatch`: the type is `Kind/name.namespace`, the payload the notification. Throws
 * `NotifyError` `InvalidConfig` for an address without owner and name, and without token or App.
 *
 * @example
 * const app = { appId: "12345", installationId: "67890", privateKey: process.env["GITHUB_APP_KEY"]! }
 * const dispatch = githubDispatchChannel({ address: "https://github.com/acme/fleet", app })
 */
export function githubDispatchChannel(options: GithubDispatchOptions): Channel {
  const { host, owner, name } = parseRepository(options.address)
  const api = githubApiOf(host)
  const headersOf = githubHeaders(options, api)
  const sender = createSender("githubdispatch", options)
  return {
    name: "githubdispatch",
    async send(notification, { signal } = {}) {
      const { kind = "", name: object = "", namespace = "" } = notification.involvedObject
      const payload = JSON.parse(printNotification(notification)) as object
      const body = { event_type: `${kind}/${object}.${namespace}`, client_payload: payload }
      const request = { url: `${api}/repos/${owner}/${name}/dispatches`, body }
      await sender.send(withHeaders(request, await headersOf(sender, signal)), { signal })
    },
    [Symbol.asyncDispose]: () => sender[Symbol.asyncDispose](),
  }
}

// No login has brackets at its beginning.
const anyBot = "[bot]"

/**
 * Keeps one comment for each object on a GitHub pull request, the one that the metadata names under `change_request`. Throws
 * `NotifyError` `InvalidConfig` for an address without owner and name, for an empty `senderId`, and without token or App.
 *
 * @example
 * const token = process.env["GITHUB_TOKEN"]!
 * const comments = githubCommentChannel({ address: "https://github.com/acme/fleet", senderId: "prod", token })
 */
export function githubCommentChannel(options: CommentChannelOptions & GithubAuth): Channel {
  const { host, owner, name } = parseRepository(options.address)
  const api = githubApiOf(host)
  const issues = `${api}/repos/${owner}/${name}/issues`
  const user = { request: { url: `${api}/user` }, read: (text: string) => textAt(JSON.parse(text), "login") }
  return createCommentChannel({
    name: "githubpullrequestcomment",
    options,
    keyPrefix: "flux-pr-comment-key",
    headers: githubHeaders(options, api),
    // An App cannot ask who it is with an installation's token; the marker tells its comments from those of other bots.
    user: options.token ? user : anyBot,
    list: (number) => ({ url: `${issues}/${number}/comments?sort=created&direction=asc&per_page=100` }),
    read: (text) =>
      parseMaps(text).map((item) => ({
        id: textAt(item, "id"),
        author: !options.token && textAt(item, "user", "type") === "Bot" ? anyBot : textAt(item, "user", "login"),
        body: textAt(item, "body"),
      })),
    create: (number, body) => ({ url: `${issues}/${number}/comments`, body: { body } }),
    update: (_number, { id }, body) => ({ method: "PATCH", url: `${issues}/comments/${id}`, body: { body } }),
  })
}
