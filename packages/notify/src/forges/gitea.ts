import { checkText, type Channel, type Sender } from "../channel.ts"
import { createCommentChannel, textAt, type CommentChannelOptions } from "./comment.ts"
import { createStatusChannel, parseMaps, parseRepository, type StatusChannelOptions } from "./status.ts"

/** How to prove who we are to Gitea or Forgejo. */
export interface GiteaAuth {
  /** An access token. */
  readonly token: string
}

/**
 * Sets statuses of commits on Gitea and Forgejo; progress is `pending`. Throws `NotifyError` `InvalidConfig` for an address
 * without owner and name, and for an empty token.
 *
 * @example
 * const status = giteaStatusChannel({ address: "https://codeberg.org/acme/fleet", token: process.env["FORGEJO_TOKEN"]! })
 */
export function giteaStatusChannel(options: StatusChannelOptions & GiteaAuth): Channel {
  const token = checkText(options.token, "gitea token")
  const { host, owner, name } = parseRepository(options.address)
  const api = `${host}/api/v1`
  const repository = `${api}/repos/${owner}/${name}`
  let known = false
  return createStatusChannel({
    name: "gitea",
    options,
    states: { info: "success", error: "failure", progressing: "pending" },
    // The first request asks whether a Gitea is there at all, so that a wrong address is told as such.
    async headers(sender: Sender, signal) {
      const headers = { authorization: `token ${token}` }
      if (!known) await sender.send({ method: "GET", url: `${api}/version`, headers }, { signal })
      known = true
      return headers
    },
    list: (commit) => ({ url: `${repository}/commits/${commit}/statuses?limit=50` }),
    read: (text) =>
      parseMaps(text).map((item) => ({
        state: textAt(item, "status") || textAt(item, "state"),
        context: textAt(item, "context"),
        description: textAt(item, "description"),
      })),
    create: (commit, status) => ({ url: `${repository}/statuses/${commit}`, body: { ...status, target_url: "" } }),
  })
}

/**
 * Keeps one comment for each object on a Gitea or Forgejo pull request, the one that the metadata names under
 * `change_request`. Throws `NotifyError` `InvalidConfig` for an address without owner and name, and for an empty token or
 * `senderId`.
 *
 * @example
 * const token = process.env["FORGEJO_TOKEN"]!
 * const comments = giteaCommentChannel({ address: "https://codeberg.org/acme/fleet", senderId: "prod", token })
 */
export function giteaCommentChannel(options: CommentChannelOptions & GiteaAuth): Channel {
  const token = checkText(options.token, "gitea token")
  const { host, owner, name } = parseRepository(options.address)
  const issues = `${host}/api/v1/repos/${owner}/${name}/issues`
  return createCommentChannel({
    name: "giteapullrequestcomment",
    options,
    keyPrefix: "flux-pr-comment-key",
    headers: () => Promise.resolve({ authorization: `token ${token}` }),
    user: { request: { url: `${host}/api/v1/user` }, read: (text) => textAt(JSON.parse(text), "login") },
    list: (number) => ({ url: `${issues}/${number}/comments` }),
    read: (text) =>
      parseMaps(text).map((item) => ({
        id: textAt(item, "id"),
        author: textAt(item, "user", "login"),
        body: textAt(item, "body"),
      })),
    create: (number, body) => ({ url: `${issues}/${number}/comments`, body: { body } }),
    update: (_number, { id }, body) => ({ method: "PATCH", url: `${issues}/comments/${id}`, body: { body } }),
  })
}
