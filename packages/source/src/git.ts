import type { EgressPolicy, ProxyChoice, Transport } from "@gitops-toolkit/http"
import { steps, systemClock, type Clock, type Steps } from "@gitops-toolkit/kube"
import type { Artifact } from "./artifact.ts"
import { parseGitUrl } from "./git/auth.ts"
import { fetchArtifact } from "./git/fetch.ts"
import { createMirrorCache } from "./git/mirror.ts"
import type { GitFetchOptions, SourceEvent } from "./git/options.ts"
import { createPools } from "./git/transport/pools.ts"
import { closePool, type SshPool } from "./git/transport/ssh.ts"

export type { BasicAuth, BearerAuth, GitAuth, SshAuth } from "./git/auth.ts"
export { defaultLimits, type GitLimits } from "./git/limits.ts"
export type { GitFetchOptions, GitVerification, SourceEvent } from "./git/options.ts"
export type { GitRef } from "./git/ref.ts"

/** Options of `createGit`. */
export interface GitOptions {
  /** Bytes of objects to keep for incremental fetches, least recently used go first; default 256 MiB. */
  readonly cacheBytes?: number
  /** What may be reached, redirects included: `publicAddressesOnly()` where strangers give the URLs. Default: everything. */
  readonly egress?: EgressPolicy
  /** The proxy for each http(s) URL; default: the environment's (`HTTPS_PROXY`, `NO_PROXY`), as git has it. */
  readonly proxy?: ProxyChoice
  readonly clock?: Pick<Clock, "now">
  /** Connections to an origin (`https://example.com`) instead of those over the network: for tests. */
  readonly transport?: (origin: string) => Transport
}

/** Fetches from git repositories; keeps connections and the last commit of each ref. */
export interface Git extends AsyncDisposable {
  /**
   * The files of a revision. One request (65 bytes of answer for a branch) when nothing changed since `previous`, or
   * since the last fetch of the same; only the difference when something did. Every object's id is checked.
   * Throws a `SourceError`, or the signal's reason.
   */
  fetch(options: GitFetchOptions): Steps<SourceEvent, Artifact>
}

/**
 * A git client without git: protocol 2 over http and ssh, objects in memory, no checkout, no temporary files.
 *
 * @example
 * await using git = createGit()
 * const artifact = await git.fetch({ url: "https://github.com/stefanprodan/podinfo", ref: { semver: "6.x" } })
 * console.log(artifact.revision)
 */
export function createGit(options: GitOptions = {}): Git {
  const cache = createMirrorCache(options.cacheBytes ?? 256 * 1024 * 1024)
  const clock = options.clock ?? systemClock
  const { egress } = options
  const pools = createPools(options)
  const ssh: SshPool = new Map()
  return {
    fetch(request) {
      const transportTo = (origin: string): Transport => pools.to(origin, request.tls)
      return steps(() => fetchArtifact(request, { cache, clock, egress, ssh, transportTo }))
    },
    [Symbol.asyncDispose]: async () => {
      cache.clear()
      await closePool(ssh)
      await pools[Symbol.asyncDispose]()
    },
  }
}

/**
 * The same for one fetch: opens connections, fetches, closes them.
 *
 * @example
 * const artifact = await fetchGit({ url: "https://github.com/stefanprodan/podinfo", ref: { branch: "master" } })
 */
export function fetchGit(options: GitFetchOptions): Steps<SourceEvent, Artifact> {
  return steps(async function* () {
    await using git = createGit()
    return yield* git.fetch(options)
  })
}

/**
 * The URL of a repository without password or token, as artifacts and events show it; `user@host:path` becomes `ssh://`.
 * Throws `SourceError` `InvalidUrl`.
 *
 * @example
 * displayUrl("https://bot:s3cret@github.com/acme/fleet.git")   // "https://github.com/acme/fleet.git"
 * displayUrl("git@github.com:acme/fleet.git")   // "ssh://git@github.com/acme/fleet.git"
 */
export function displayUrl(url: string): string {
  return parseGitUrl(url).display
}
