import type { TlsOptions } from "@gitops-toolkit/http"
import type { Artifact } from "../artifact.ts"
import type { GitAuth } from "./auth.ts"
import type { GitLimits } from "./limits.ts"
import type { GitRef } from "./ref.ts"

/** What a fetch reports while it runs. URLs are without credentials. */
export type SourceEvent =
  /** The ref names this revision, which is not the previous one. */
  | { readonly type: "source.resolved"; readonly url: string; readonly revision: string }
  /** The previous artifact is still the right one; nothing was downloaded. */
  | { readonly type: "source.unchanged"; readonly url: string; readonly revision: string }
  /** The commit or tag was signed by this key. */
  | {
      readonly type: "source.verified"
      readonly url: string
      readonly revision: string
      readonly object: "commit" | "tag"
      readonly key: string
    }
  /** The revision is complete and checked. */
  | {
      readonly type: "source.fetched"
      readonly url: string
      readonly revision: string
      readonly digest: string
      /** The first line of the commit's message. */
      readonly subject: string
      /** Bytes of the packs that were received; 0 when all was known. */
      readonly receivedBytes: number
      /** Whether only the difference to a known commit was received. */
      readonly incremental: boolean
    }
  /** Submodules are other repositories; their folders are left out. */
  | {
      readonly type: "source.submodules"
      readonly url: string
      readonly revision: string
      readonly paths: readonly string[]
    }

/** Whose signature a revision needs. */
export interface GitVerification {
  /** What must be signed: the commit (default), the annotated tag that leads to it, or both. */
  readonly mode?: "HEAD" | "Tag" | "TagAndHEAD"
  /** Texts of public keys, one of which must have signed: armoured PGP key rings, or lines of `authorized_keys`. */
  readonly keys: readonly string[]
}

/** Options of `git.fetch` and `fetchGit`. */
export interface GitFetchOptions {
  /** `https://…`, `http://…`, `ssh://…` or `git@host:path`. */
  readonly url: string
  /** Default: the branch that the remote's `HEAD` names. */
  readonly ref?: GitRef | undefined
  /** Credentials, or a function that gives them anew (tokens that expire). Default: those of the URL. */
  readonly auth?: GitAuth | (() => GitAuth | Promise<GitAuth>) | undefined
  /** The authorities to trust and the client's certificate, for https. */
  readonly tls?: TlsOptions | undefined
  /** Returned itself when it still is what a fetch would give. */
  readonly previous?: Artifact | undefined
  /** Only these folders; the others are not even downloaded where the server can leave them out. Each must exist. */
  readonly include?: readonly string[] | undefined
  /**
   * What to leave out, in the syntax of `.gitignore`, after the repository's own `.sourceignore` files. Where there is
   * neither, Flux's defaults hold (pictures, archives, files of CI systems: `defaultPatterns`); git's own files are
   * always left out. False: take everything.
   */
  readonly ignore?: string | false | undefined
  /** Who must have signed the revision; absent: nobody. */
  readonly verify?: GitVerification | undefined
  /** Bounds on what the repository may send; see `defaultLimits`. */
  readonly limits?: Partial<GitLimits> | undefined
  /** Deadline of the whole fetch; default 60 000. */
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}
