import type { Transport } from "@gitops-toolkit/http"
import { systemClock } from "@gitops-toolkit/kube"
import { SourceError } from "../error.ts"
import { parseGitUrl, type GitAuth, type GitUrl } from "../git/auth.ts"
import { fetchObjects } from "../git/download.ts"
import { withUrl } from "../git/fetch.ts"
import { createPushSession, type CommitPerson } from "../git/isomorphic.ts"
import { defaultLimits, type GitLimits } from "../git/limits.ts"
import { isOid, oidOf, type GitObject } from "../git/oid.ts"
import { parseCommit } from "../git/pack/object.ts"
import { isRefName } from "../git/ref.ts"
import { createRemote, type Remote } from "../git/remote.ts"
import { requireObject, type ObjectSource } from "../git/snapshot.ts"
import type { GitConnection } from "../git/transport/connection.ts"
import { connectHttp } from "../git/transport/http.ts"
import { createPools } from "../git/transport/pools.ts"
import { printRevision } from "../revision.ts"
import type { GitPerson, PushedCommit, PushEvent, PushOptions } from "./options.ts"
import { changeTree, checkChanges, type ChangedTree, type CheckedChanges } from "./changes.ts"

interface Job {
  readonly options: PushOptions
  readonly url: GitUrl
  readonly changes: CheckedChanges
  readonly author: CommitPerson
  readonly committer: CommitPerson
  readonly limits: GitLimits
  readonly signal: AbortSignal
  readonly connect: (service: "git-upload-pack" | "git-receive-pack") => GitConnection
}

/** The generator behind `pushGit`. */
export async function* pushChanges(options: PushOptions): AsyncGenerator<PushEvent, PushedCommit, void> {
  options.signal?.throwIfAborted()
  const url = parseGitUrl(options.url)
  if (url.scheme === "ssh") throw new SourceError("Unsupported", "pushing over ssh is not supported; use https")
  const limits = { ...defaultLimits, ...options.limits }
  const timestamp = Math.floor((options.clock ?? systemClock).now() / 1000)
  const changes = checkChanges(options.changes, limits)
  checkNames(options)
  const author = personOf(options.author, timestamp)
  const committer = personOf(options.committer ?? options.author, timestamp)
  const auth = typeof options.auth === "function" ? await options.auth() : options.auth
  const timeoutMs = options.timeoutMs ?? 60_000
  const deadline = AbortSignal.timeout(timeoutMs)
  const signal = options.signal ? AbortSignal.any([options.signal, deadline]) : deadline
  await using connections = createConnections(options, { url, auth, signal, timeoutMs })
  try {
    const { connect } = connections
    return yield* run({ options, url, changes, author, committer, limits, signal, connect })
  } catch (error) {
    options.signal?.throwIfAborted()
    if (deadline.aborted) {
      const text = `${url.display} took longer than ${timeoutMs} ms`
      throw new SourceError("TimedOut", text, { url: url.display, cause: error })
    }
    throw withUrl(error, url, auth)
  }
}

function checkNames({ branch, base, message }: PushOptions): void {
  for (const name of base === undefined ? [branch] : [branch, base]) {
    if (isRefName(name) && !name.startsWith("refs/")) continue
    throw new SourceError("InvalidReference", `'${name.slice(0, 100)}' is no branch that git allows`)
  }
  if (message.trim() === "" || message.includes("\0") || !message.isWellFormed()) {
    throw new SourceError("InvalidCommit", "a commit needs a message, of plain text")
  }
}

function personOf({ name, email }: GitPerson, timestamp: number): CommitPerson {
  for (const text of [name, email]) {
    if (text.trim() === "" || text.trim() !== text || /[\u0000-\u001f\u007f<>]/.test(text) || !text.isWellFormed()) {
      throw new SourceError(
        "InvalidCommit",
        "author and committer need a name and an email, of one line, without < and >",
      )
    }
  }
  return { name, email, timestamp }
}

interface Connections extends AsyncDisposable {
  readonly connect: Job["connect"]
}

interface ConnectionSettings {
  readonly url: GitUrl
  readonly auth: GitAuth | undefined
  readonly signal: AbortSignal
  readonly timeoutMs: number
}

/** Connections for one push: one pool for each origin, closed in the end. */
function createConnections(options: PushOptions, { url, auth, signal, timeoutMs }: ConnectionSettings): Connections {
  const pools = createPools(options)
  const transportTo = (origin: string): Transport => pools.to(origin, options.tls)
  const end = performance.now() + timeoutMs
  const timeLeftMs = (): number => Math.max(1, Math.ceil(end - performance.now()))
  return {
    connect: (service) => connectHttp(url, { auth, transportTo, timeLeftMs, signal, service }),
    [Symbol.asyncDispose]: () => pools[Symbol.asyncDispose](),
  }
}

async function* run(job: Job): AsyncGenerator<PushEvent, PushedCommit, void> {
  const { options, url, limits, connect } = job
  const { branch } = options
  const remote = createRemote(connect("git-upload-pack"), { limits, memory: {}, now: 0 })
  const { tip, parent } = await resolveParent(remote, options)
  yield { type: "push.resolved", url: url.display, branch, ...(parent ? { parent } : {}) }
  const { format } = await remote.features()
  if (format !== "sha1") throw new SourceError("Unsupported", "pushing to repositories of SHA-256 is not supported")
  const base = await fetchBase(remote, parent, job)
  const changed = changeTree(base.tree, job.changes, { source: base.source, limits })
  const known = { url: url.display, branch, paths: changed.paths, ...(parent ? { parent } : {}) }
  if (changed.tree === base.tree) {
    if (parent === undefined)
      throw new SourceError("EmptyRepository", "there is no commit yet, and no file for the first")
    yield { type: "push.unchanged", url: url.display, branch, commit: parent }
    return { ...known, pushed: false, commit: parent, revision: printRevision(branch, parent) }
  }
  const { commit, sentBytes } = await send(job, { tip, parent, base: base.source, changed })
  yield { type: "push.pushed", url: url.display, branch, commit, paths: changed.paths, sentBytes }
  return { ...known, pushed: true, commit, revision: printRevision(branch, commit) }
}

interface Parent {
  /** What the branch holds now. */
  readonly tip: string | undefined
  /** What to build on; undefined in an empty repository. */
  readonly parent: string | undefined
}

async function resolveParent(remote: Remote, { branch, base }: PushOptions): Promise<Parent> {
  const isCommit = base !== undefined && isOid(base)
  const wanted = [`refs/heads/${branch}`, ...(base === undefined || isCommit ? [] : [`refs/heads/${base}`])]
  const refs = new Map((await remote.listRefs(wanted)).map(({ name, oid }) => [name, oid]))
  const tip = refs.get(wanted[0]!)
  if (tip !== undefined && isCommit && tip !== base) {
    throw new SourceError(
      "ReferenceMoved",
      `the branch '${branch}' is no longer at ${base}: begin anew from what is there`,
    )
  }
  const parent = tip ?? (isCommit ? base : refs.get(wanted[1] ?? ""))
  if (parent !== undefined) return { tip, parent }
  if (base !== undefined) throw new SourceError("ReferenceNotFound", `there is no branch '${base}' to begin from`)
  if ((await remote.listRefs(["refs/heads/", "refs/tags/"])).length === 0) return { tip, parent }
  throw new SourceError("ReferenceNotFound", `there is no branch '${branch}'; base says where a new one begins`)
}

interface Base {
  readonly tree: string | undefined
  readonly source: ObjectSource
}

/** The folders of the commit to build on; its files are not needed, and left out where the server can. */
async function fetchBase(remote: Remote, parent: string | undefined, { limits, signal }: Job): Promise<Base> {
  if (parent === undefined) return { tree: undefined, source: () => undefined }
  const { objects } = await fetchObjects(remote, { wants: [parent], filter: "blob:none" }, { limits, signal })
  const source: ObjectSource = (oid) => objects.get(oid)
  return { tree: parseCommit(requireObject(source, parent, "commit").data).tree, source }
}

interface Shipment extends Parent {
  readonly base: ObjectSource
  readonly changed: ChangedTree
}

async function send(job: Job, shipment: Shipment): Promise<{ readonly commit: string; readonly sentBytes: number }> {
  const { options, author, committer, limits, connect } = job
  const { tip, parent, base, changed } = shipment
  const empty: GitObject = { type: "tree", data: Buffer.alloc(0) }
  const emptyTree = oidOf("tree", empty.data, "sha1")
  const source: ObjectSource = (oid) => changed.objects.get(oid) ?? base(oid) ?? (oid === emptyTree ? empty : undefined)
  const session = await createPushSession(source)
  const message = options.message.endsWith("\n") ? options.message : `${options.message}\n`
  const commit = await session.commit({ tree: changed.tree ?? emptyTree, parent, message, author, committer })
  const ref = `refs/heads/${options.branch}`
  let sentBytes = 0
  const onSend = (bytes: number): void => void (sentBytes = bytes)
  const connection = connect("git-receive-pack")
  try {
    await session.push(commit, { connection, ref, expected: tip, known: parent, maxBytes: limits.refBytes, onSend })
  } catch (error) {
    if (sentBytes === 0) throw error
    // Whether it arrived, the branch itself knows best: the answer may be lost, or tell of another's push.
    const now = await currentTip(job, ref)
    if (now !== undefined && now.oid === commit) return { commit, sentBytes }
    if (now === undefined || now.oid === tip) throw error
    throw new SourceError("ReferenceMoved", `${ref} moved while the commit was sent: begin anew from what is there`, {
      cause: error,
    })
  }
  return { commit, sentBytes }
}

/** What a ref holds now; undefined when the server does not say. */
async function currentTip(
  { connect, limits }: Job,
  ref: string,
): Promise<{ readonly oid: string | undefined } | undefined> {
  try {
    const remote = createRemote(connect("git-upload-pack"), { limits, memory: {}, now: 0 })
    return { oid: (await remote.listRefs([ref])).find(({ name }) => name === ref)?.oid }
  } catch (error) {
    if (error instanceof SourceError) return undefined // the push's own error tells more
    throw error
  }
}
