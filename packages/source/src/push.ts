import { steps, type Steps } from "@gitops-toolkit/kube"
import type { PushedCommit, PushEvent, PushOptions } from "./push/options.ts"
import { pushChanges } from "./push/run.ts"

export type { GitChanges, GitPerson, PushedCommit, PushEvent, PushOptions } from "./push/options.ts"

/**
 * Commits changes on top of a remote branch and pushes the commit, without a checkout: of the repository only the newest
 * commit and its folders are fetched (its files too where the server cannot leave them out).
 *
 * Never forces: the server moves the branch only from the very commit that was built on. When somebody else was faster it
 * throws `ReferenceMoved` (retryable: call again, after looking at what is there now). When the server's answer is lost,
 * the branch is asked whether the push arrived. Equal changes, parent, people, message and time give an equal commit id.
 * When the changes change nothing, nothing is pushed.
 *
 * Paths are checked first: no absolute ones, no `..`, no `.git` in any spelling, no name that differs from another only
 * by its case, none through a link. Over https, and http to this machine; ssh throws `Unsupported`. Throws a
 * `SourceError` without secrets, or the signal's reason.
 *
 * @example
 * const { commit } = await pushGit({
 *   url: "https://github.com/acme/fleet", branch: "main", auth: { username: "bot", password: token },
 *   changes: { "apps/web/tag.yaml": "tag: 1.4.2\n" },
 *   message: "Update web to 1.4.2", author: { name: "Bot", email: "bot@acme.example" },
 * })
 */
export function pushGit(options: PushOptions): Steps<PushEvent, PushedCommit> {
  return steps(() => pushChanges(options))
}
