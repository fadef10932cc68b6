import { checkText, type Channel } from "../channel.ts"
import { parseGitAddress } from "../commit-status.ts"
import { createCommentChannel, textAt, type CommentChannelOptions } from "./comment.ts"
import { createStatusChannel, parseMaps, type StatusChannelOptions } from "./status.ts"

/** How to prove who we are to GitLab. */
export interface GitlabAuth {
  /** A personal, group or project access token. */
  readonly token: string
}

/**
 * Sets statuses of commits on GitLab; projects may be deep in groups. Progress is not told. Throws `NotifyError`
 * `InvalidConfig` for what is no address, and for an empty token.
 *
 * @example
 * const token = process.env["GITLAB_TOKEN"]!
 * const status = gitlabStatusChannel({ address: "https://gitlab.com/acme/platform/fleet", context: "fleet/prod", token })
 */
export function gitlabStatusChannel(options: StatusChannelOptions & GitlabAuth): Channel {
  const token = checkText(options.token, "gitlab token")
  const { host, id } = parseGitAddress(options.address)
  const project = `${host}/api/v4/projects/${encodeURIComponent(id)}`
  return createStatusChannel({
    name: "gitlab",
    options,
    states: { info: "success", error: "failed" },
    headers: () => Promise.resolve({ "private-token": token }),
    list: (commit, { context }) => ({
      url: `${project}/repository/commits/${commit}/statuses?name=${encodeURIComponent(context)}`,
    }),
    read: (text) =>
      parseMaps(text).map((item) => ({
        state: textAt(item, "status"),
        context: textAt(item, "name"),
        description: textAt(item, "description"),
      })),
    create: (commit, { state, context, description }) => ({
      url: `${project}/statuses/${commit}`,
      body: { state, name: context, description },
    }),
  })
}

/**
 * Keeps one comment for each object on a GitLab merge request, the one that the metadata names under `change_request`.
 * Throws `NotifyError` `InvalidConfig` for what is no address, and for an empty token or `senderId`.
 *
 * @example
 * const token = process.env["GITLAB_TOKEN"]!
 * const comments = gitlabCommentChannel({ address: "https://gitlab.com/acme/platform/fleet", senderId: "prod", token })
 */
export function gitlabCommentChannel(options: CommentChannelOptions & GitlabAuth): Channel {
  const token = checkText(options.token, "gitlab token")
  const { host, id } = parseGitAddress(options.address)
  const requests = `${host}/api/v4/projects/${encodeURIComponent(id)}/merge_requests`
  return createCommentChannel({
    name: "gitlabmergerequestcomment",
    options,
    keyPrefix: "flux-mr-comment-key",
    headers: () => Promise.resolve({ "private-token": token }),
    user: { request: { url: `${host}/api/v4/user` }, read: (text) => textAt(JSON.parse(text), "username") },
    list: (number) => ({ url: `${requests}/${number}/notes?sort=asc&order_by=created_at&per_page=100` }),
    read: (text) =>
      parseMaps(text).map((item) => ({
        id: textAt(item, "id"),
        author: textAt(item, "author", "username"),
        body: textAt(item, "body"),
      })),
    create: (number, body) => ({ url: `${requests}/${number}/notes`, body: { body } }),
    update: (number, note, body) => ({ method: "PUT", url: `${requests}/${number}/notes/${note.id}`, body: { body } }),
  })
}
