import type { EgressPolicy, ProxyChoice, TlsOptions, Transport } from "@gitops-toolkit/http"
import type { Clock } from "@gitops-toolkit/kube"
import type { GitAuth } from "../git/auth.ts"
import type { GitLimits } from "../git/limits.ts"

/** Files that a commit changes, by path: new content, or null to delete the file. */
export interface GitChanges {
  readonly [path: string]: string | Uint8Array | null
}

/** Who wrote or made a commit. */
export interface GitPerson {
  readonly name: string
  readonly email: string
}

/** What a push reports while it runs. URLs are without credentials. */
export type PushEvent =
  /** The commit that is built on; no `parent` in an empty repository. */
  | { readonly type: "push.resolved"; readonly url: string; readonly branch: string; readonly parent?: string }
  /** The changes change nothing; nothing is sent. */
  | { readonly type: "push.unchanged"; readonly url: string; readonly branch: string; readonly commit: string }
  /** The server has the commit and its branch names it. */
  | {
      readonly type: "push.pushed"
      readonly url: string
      readonly branch: string
      readonly commit: string
      /** Files that differ from the parent's. */
      readonly paths: readonly string[]
      /** Bytes that were sent. */
      readonly sentBytes: number
    }

/** What a push came to. */
export interface PushedCommit {
  /** The repository, without credentials. */
  readonly url: string
  readonly branch: string
  /** False when the changes changed nothing: then `commit` is what was there before. */
  readonly pushed: boolean
  /** The id of the commit that holds the changes. */
  readonly commit: string
  /** The same as artifacts name it: `main@sha1:…`. */
  readonly revision: string
  /** What the commit was built on; absent for the first one of a repository. */
  readonly parent?: string
  /** Files that differ from the parent's. */
  readonly paths: readonly string[]
}

/** Options of `pushGit`. */
export interface PushOptions {
  /** `https://…`, or `http://…` (with credentials only on this machine). */
  readonly url: string
  /** The branch that gets the commit; made when absent, see `base`. */
  readonly branch: string
  /**
   * A commit's complete id: what the changes were made for; the branch must still be there (else `ReferenceMoved`), a new
   * branch begins there. Or the name of the branch where a new one begins; an existing one goes on from its own tip.
   * Default: the branch's tip; only an empty repository needs none.
   */
  readonly base?: string | undefined
  /** Everything else stays as it is: content, executable bits, links, submodules. */
  readonly changes: GitChanges
  readonly message: string
  readonly author: GitPerson
  /** Default: the author. */
  readonly committer?: GitPerson | undefined
  /** Credentials, or a function that gives them anew. Default: those of the URL. */
  readonly auth?: GitAuth | (() => GitAuth | Promise<GitAuth>) | undefined
  /** The authorities to trust and the client's certificate, for https. */
  readonly tls?: TlsOptions | undefined
  /** What may be reached, redirects included. Default: everything. */
  readonly egress?: EgressPolicy | undefined
  /** The proxy for each URL; default: the environment's. */
  readonly proxy?: ProxyChoice | undefined
  /** Bounds on the changes, and on what the repository may send; see `defaultLimits`. */
  readonly limits?: Partial<GitLimits> | undefined
  /** Deadline of the whole push; default 60 000. */
  readonly timeoutMs?: number | undefined
  /** The commit's time; default: the system's. */
  readonly clock?: Pick<Clock, "now"> | undefined
  /** Connections to an origin instead of those over the network: for tests. */
  readonly transport?: ((origin: string) => Transport) | undefined
  readonly signal?: AbortSignal | undefined
}
