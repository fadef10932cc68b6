import type { EgressPolicy, Transport } from "@gitops-toolkit/http"
import type { Clock } from "@gitops-toolkit/kube"
import { createArtifact, type Artifact } from "../artifact.ts"
import { SourceError } from "../error.ts"
import { printRevision } from "../revision.ts"
import { identityOf, parseGitUrl, sshAuthOf, type GitAuth, type GitUrl } from "./auth.ts"
import { downloadCommit, newestOf, type DownloadOptions } from "./download.ts"
import { defaultLimits } from "./limits.ts"
import { inTurn, type Kept, type Mirror, type MirrorCache } from "./mirror.ts"
import { checkRef, refPrefixes, resolveRef, type Resolution } from "./ref.ts"
import type { GitFetchOptions, SourceEvent } from "./options.ts"
import { createRemote, type Remote } from "./remote.ts"
import { createSelection, type Selection } from "./selection.ts"
import { buildSnapshot } from "./snapshot.ts"
import { checkVerification, verificationKey, verifyRevision } from "./verify.ts"
import type { GitConnection } from "./transport/connection.ts"
import { connectHttp } from "./transport/http.ts"
import { connectSsh, type SshPool } from "./transport/ssh.ts"

/** What a fetch works with. */
export interface FetchContext {
  readonly cache: MirrorCache
  readonly clock: Pick<Clock, "now">
  readonly egress: EgressPolicy | undefined
  readonly ssh: SshPool
  readonly transportTo: (origin: string) => Transport
}

interface Job {
  readonly url: GitUrl
  readonly options: GitFetchOptions
  readonly selection: Selection
  /** What the artifact depends on beside the revision. */
  readonly content: string
  readonly mirror: Mirror
  readonly remote: Remote
  readonly download: DownloadOptions
  readonly cache: MirrorCache
}

/** Artifacts of one commit that are kept: its names and what is left out may differ. */
const maxArtifacts = 32

/** What an artifact was made of beside its revision, so that `previous` is recognised. */
const selections = new WeakMap<Artifact, string>()

/** The generator behind `git.fetch`. */
export async function* fetchArtifact(
  options: GitFetchOptions,
  context: FetchContext,
): AsyncGenerator<SourceEvent, Artifact, void> {
  options.signal?.throwIfAborted()
  checkRef(options.ref)
  checkVerification(options.verify, options.ref)
  const url = parseGitUrl(options.url)
  const selection = createSelection(options)
  const content = `${selection.key} ${verificationKey(options.verify)}`
  const auth = typeof options.auth === "function" ? await options.auth() : options.auth
  const timeoutMs = options.timeoutMs ?? 60_000
  const deadline = AbortSignal.timeout(timeoutMs)
  const signal = options.signal ? AbortSignal.any([options.signal, deadline]) : deadline
  const mirror = context.cache.open(`${url.display}\n${identityOf(auth ?? url.auth)}`)
  const limits = { ...defaultLimits, ...options.limits }
  const connection = connect(url, { ...context, auth, mirror, signal, timeoutMs })
  const remote = createRemote(connection, { limits, memory: mirror.memory, now: context.clock.now() })
  try {
    const download = { mirror, limits, signal }
    return yield* run({ url, options, selection, content, mirror, remote, download, cache: context.cache })
  } catch (error) {
    // Whatever was remembered of the server may be what is wrong.
    mirror.base = undefined
    mirror.memory.advertisement = undefined
    options.signal?.throwIfAborted()
    if (deadline.aborted) {
      throw new SourceError("TimedOut", `${url.display} took longer than ${timeoutMs} ms`, {
        url: url.display,
        cause: error,
      })
    }
    throw withUrl(error, url, auth)
  } finally {
    await remote.close()
  }
}

interface ConnectOptions extends FetchContext {
  readonly auth: GitAuth | undefined
  readonly mirror: Mirror
  readonly signal: AbortSignal
  readonly timeoutMs: number
}

function connect(
  url: GitUrl,
  { auth, mirror, signal, timeoutMs, transportTo, egress, ssh }: ConnectOptions,
): GitConnection {
  const end = performance.now() + timeoutMs
  const timeLeftMs = (): number => Math.max(1, Math.ceil(end - performance.now()))
  if (url.scheme === "ssh") return connectSsh(url, { auth: sshAuthOf(auth), signal, timeLeftMs, egress, pool: ssh })
  return connectHttp(url, {
    auth,
    transportTo,
    timeLeftMs,
    signal,
    base: mirror.base,
    onRedirect: (base) => {
      mirror.base = base
    },
  })
}

async function* run(job: Job): AsyncGenerator<SourceEvent, Artifact, void> {
  const { options, selection, content, mirror, url } = job
  const ref = JSON.stringify([options.ref ?? null, selection.part])
  const resolution = await resolve(job)
  const revision = printRevision(resolution.name, resolution.commit)
  const { previous } = options
  const isSame = previous && previous.revision === revision && previous.url === url.display
  const name = `${revision}\n${content}`
  const kept = mirror.refs.get(ref)?.artifacts.get(name)
  const same = isSame && selections.get(previous) === content ? previous : kept
  if (same) {
    yield { type: "source.unchanged", url: url.display, revision }
    return same
  }
  yield { type: "source.resolved", url: url.display, revision }
  const {
    kept: held,
    receivedBytes,
    incremental,
  } = await inTurn(mirror, job.download.signal, () => obtain(job, ref, resolution))
  const { snapshot } = held
  if (options.verify) {
    const { remote, download } = job
    const { display } = url
    yield* verifyRevision({
      verification: options.verify,
      resolution,
      snapshot,
      remote,
      download,
      url: display,
      revision,
    })
  }
  const artifact = held.artifacts.get(name) ?? createArtifact(url.display, revision, selection.filter(snapshot.root))
  if (held.artifacts.size >= maxArtifacts) held.artifacts.clear()
  held.artifacts.set(name, artifact)
  selections.set(artifact, content)
  const { submodules: paths, subject } = snapshot
  if (paths.length > 0) yield { type: "source.submodules", url: url.display, revision, paths }
  const { digest } = artifact
  yield { type: "source.fetched", url: url.display, revision, digest, subject, receivedBytes, incremental }
  return artifact
}

async function resolve({ options: { ref }, remote, download }: Job): Promise<Resolution> {
  if (ref && "commit" in ref) return { name: ref.branch ?? "", commit: ref.commit }
  const ties = resolveRef(ref, await remote.listRefs(refPrefixes(ref)!))
  return ties.length === 1 ? ties[0]! : newestOf(remote, ties, download)
}

interface Obtained {
  readonly kept: Kept
  readonly receivedBytes: number
  readonly incremental: boolean
}

async function obtain(job: Job, ref: string, { commit }: Resolution): Promise<Obtained> {
  const { mirror, cache, selection, remote, download } = job
  const here = mirror.refs.get(ref)
  if (here?.snapshot.commit === commit) return { kept: here, receivedBytes: 0, incremental: true }
  const { takes } = selection
  const whole = [...mirror.refs.values()].find(({ snapshot }) => snapshot.commit === commit && snapshot.complete)
  let obtained: Obtained
  if (whole) {
    const { format } = await remote.features()
    const source = whole.snapshot.objects
    const snapshot = takes
      ? buildSnapshot(commit, (oid) => source.get(oid), { format, limits: download.limits, takes })
      : whole.snapshot
    obtained = { kept: { snapshot, artifacts: new Map() }, receivedBytes: 0, incremental: true }
  } else {
    const { snapshot, receivedBytes, incremental } = await downloadCommit(remote, commit, { ...download, selection })
    obtained = { kept: { snapshot, artifacts: new Map() }, receivedBytes, incremental }
  }
  selection.check(obtained.kept.snapshot.root)
  cache.keep(mirror, ref, obtained.kept)
  return obtained
}

/** Adds the URL, and takes out anything of the credentials that a server's words repeat. */
export function withUrl(error: unknown, url: GitUrl, auth: GitAuth | undefined): unknown {
  if (!(error instanceof SourceError)) return error
  const secrets = Object.values(auth ?? url.auth ?? {}).filter(
    (text: unknown) => typeof text === "string" && text.length > 3,
  )
  const message = secrets.reduce((text: string, secret: string) => text.replaceAll(secret, "***"), error.rawMessage)
  if (error.url !== undefined && message === error.rawMessage) return error
  const { retryable, at, cause } = error
  return new SourceError(error.code, message, { retryable, url: url.display, cause, ...(at ? { at } : {}) })
}
