import { deflateSync } from "node:zlib"
import type { GitHttpRequest, GitHttpResponse } from "isomorphic-git"
import { SourceError } from "../error.ts"
import { readAdvertisement } from "./protocol/advertisement.ts"
import {
  createPacketReader,
  printable,
  printPackets,
  serverError,
  textOf,
  type Packet,
  type PacketReader,
} from "./protocol/pkt-line.ts"
import type { ObjectSource } from "./snapshot.ts"
import type { GitConnection } from "./transport/connection.ts"

/** Who made a commit, and when. */
export interface CommitPerson {
  readonly name: string
  readonly email: string
  /** Seconds since the epoch; the zone is UTC. */
  readonly timestamp: number
}

/** A commit that is to be made. */
export interface CommitContent {
  readonly tree: string
  readonly parent: string | undefined
  readonly message: string
  readonly author: CommitPerson
  readonly committer: CommitPerson
}

/** Where a commit goes. */
export interface PushTarget {
  /** A connection to the receiving side of the repository. */
  readonly connection: GitConnection
  /** `refs/heads/…`. */
  readonly ref: string
  /** What the ref must hold until then; undefined: it must not exist. */
  readonly expected: string | undefined
  /** A commit that the server has completely: what it holds is not sent again. */
  readonly known: string | undefined
  /** Bytes that the server may answer to one request. */
  readonly maxBytes: number
  /** Called before the commit is sent: from then on it may be there, whatever follows. */
  readonly onSend: (bytes: number) => void
}

/** A repository in memory, for as long as one push takes. */
export interface PushSession {
  /** Makes a commit and returns its id: equal for equal content. */
  commit(content: CommitContent): Promise<string>
  /**
   * Sends a commit and moves the ref to it, if the ref still is what is expected. Throws `ReferenceMoved` when it is not,
   * `PushRejected` with the server's reason, `Unsupported`, `InvalidResponse`, and what the connection throws.
   */
  push(commit: string, target: PushTarget): Promise<void>
}

const gitdir = "/repository"
const local = "refs/heads/commit"
/** A name that only isomorphic-git sees, for `known`. */
const knownBranch = "known"
/** Never used to connect: the connection knows the address. */
const url = "http://remote.invalid/repository.git"

/** The one place that knows isomorphic-git: it prints commits and packs and leads the conversation of a push. */
export async function createPushSession(objects: ObjectSource): Promise<PushSession> {
  const { default: git } = await import("isomorphic-git")
  const { fs, write } = createObjectFiles(objects)
  const cache = {}
  return {
    commit: ({ tree, parent, message, author, committer }) => {
      const zone = { timezoneOffset: 0 }
      const people = { author: { ...author, ...zone }, committer: { ...committer, ...zone } }
      return git.writeCommit({ fs, gitdir, commit: { tree, parent: parent ? [parent] : [], message, ...people } })
    },
    push: async (commit, target) => {
      write(local, `${commit}\n`)
      if (target.known) write("shallow", `${target.known}\n`)
      // Where this leads, isomorphic-git takes all objects for known to the server.
      write("refs/remotes/origin/HEAD", `ref: refs/remotes/origin/${knownBranch}\n`)
      const http = { request: (request: GitHttpRequest) => answer(request, target) }
      try {
        await git.push({ fs, http, gitdir, cache, url, ref: local, remoteRef: target.ref, remote: "origin" })
      } catch (error) {
        throw fromIsomorphic(error, git.Errors, target)
      }
    },
  }
}

type Errors = typeof import("isomorphic-git").Errors

function fromIsomorphic(error: unknown, errors: Errors, { ref }: PushTarget): unknown {
  return error instanceof errors.PushRejectedError ? moved(ref, error) : error
}

const moved = (ref: string, cause?: unknown): SourceError =>
  new SourceError("ReferenceMoved", `${ref} moved while the commit was made: begin anew from what is there`, { cause })

/**
 * isomorphic-git's `http`, over our connection: bounds, credentials, redirects and errors are those of a fetch. Answers
 * are read and checked here; it sees them in the plainest form.
 */
async function answer({ method, body }: GitHttpRequest, target: PushTarget): Promise<GitHttpResponse> {
  if (method === "GET") return respond("advertisement", await advertise(target))
  const chunks: Uint8Array[] = []
  for await (const chunk of body ?? []) chunks.push(chunk)
  const bytes = Buffer.concat(chunks)
  target.onSend(bytes.length)
  await readReport(await target.connection.command(bytes), target)
  const report = printPackets(["unpack ok", `ok ${target.ref}`, flush])
  return respond("result", Buffer.concat([printBand(report), printPackets([flush])]))
}

const flush = { special: "flush" } as const

function printBand(content: Buffer): Buffer {
  return Buffer.concat([Buffer.from((content.length + 5).toString(16).padStart(4, "0")), Buffer.of(1), content])
}

function respond(kind: string, bytes: Buffer): GitHttpResponse {
  const headers = { "content-type": `application/x-git-receive-pack-${kind}` }
  const body = (async function* () {
    yield bytes
  })()
  return { url, statusCode: 200, statusMessage: "OK", headers, body }
}

/** Reads what became of a push. Throws `PushRejected`, what the server reports, or `InvalidResponse`. */
async function readReport(body: AsyncIterable<Uint8Array>, { ref, maxBytes }: PushTarget): Promise<void> {
  const bands = createPacketReader(body, maxBytes)
  const report = createPacketReader(readBands(bands), maxBytes)
  try {
    const unpacked = lineOf(await report.next())
    if (!unpacked?.startsWith("unpack ")) throw unreadable()
    if (unpacked !== "unpack ok") throw rejected(unpacked.slice("unpack ".length))
    for (let line = lineOf(await report.next()); line !== undefined; line = lineOf(await report.next())) {
      if (line === `ok ${ref}`) return
      if (line === `ng ${ref}` || line.startsWith(`ng ${ref} `)) throw rejected(line.slice(`ng ${ref} `.length))
    }
    throw unreadable()
  } finally {
    await report.close()
    await bands.close()
  }
}

const lineOf = (packet: Packet | undefined): string | undefined =>
  packet === undefined || typeof packet === "string" ? undefined : textOf(packet)

const unreadable = (): SourceError =>
  new SourceError("InvalidResponse", "the server's answer to the push cannot be read; it may have arrived or not")

const rejected = (reason: string): SourceError =>
  new SourceError("PushRejected", `the server refuses the commit: ${printable(reason) || "no reason given"}`)

async function* readBands(reader: PacketReader): AsyncGenerator<Buffer> {
  for (let packet = await reader.next(); packet !== "flush"; packet = await reader.next()) {
    if (packet === undefined || typeof packet === "string") throw unreadable()
    if (packet[0] === 1) yield packet.subarray(1)
    else if (packet[0] === 3) throw serverError(packet.toString("utf8", 1))
    else if (packet[0] !== 2) {
      textOf(packet) // an error outside the bands
      throw unreadable()
    }
  }
}

/** What the server offers, checked and cut to what this push needs: its ref, a known commit, two capabilities. */
async function advertise({ connection, ref, expected, known, maxBytes }: PushTarget): Promise<Buffer> {
  const reader = createPacketReader(await connection.advertise(), maxBytes)
  try {
    const { refs = [], capabilities, format } = await readAdvertisement(reader)
    await reader.next().catch(() => undefined) // the answer is complete, whatever happens to its connection
    if (format !== "sha1") throw new SourceError("Unsupported", "pushing to repositories of SHA-256 is not supported")
    if (refs.find(({ name }) => name === ref)?.oid !== expected) throw moved(ref)
    const needed = ["report-status", "side-band-64k"]
    const lacking = needed.find((name) => !capabilities.has(name))
    if (lacking) throw new SourceError("Unsupported", `the server is too old to be pushed to (no ${lacking})`)
    const lines = [
      ...(expected ? [`${expected} ${ref}`] : []),
      ...(known ? [`${known} refs/heads/${knownBranch}`] : []),
    ]
    const [first = `${"0".repeat(40)} capabilities^{}`, ...others] = lines.filter(
      (line, i) => lines.indexOf(line) === i,
    )
    return printPackets(["# service=git-receive-pack", flush, `${first}\0${needed.join(" ")}`, ...others, flush])
  } finally {
    await reader.close()
  }
}

interface ObjectFiles {
  readonly fs: { readonly promises: object } & import("isomorphic-git").FsClient
  readonly write: (path: string, content: string) => void
}

/** A git folder whose loose objects are those of `objects`, and which keeps what is written to it. */
function createObjectFiles(objects: ObjectSource): ObjectFiles {
  const files = new Map<string, Uint8Array>()
  const fault = (code: string): Error => Object.assign(new Error(code), { code })
  const find = (path: string): Uint8Array | undefined => {
    const written = files.get(path)
    if (written) return written
    const [, head, tail] = /^\/repository\/objects\/([0-9a-f]{2})\/([0-9a-f]{38})$/.exec(path) ?? []
    const object = head === undefined ? undefined : objects(`${head}${tail}`)
    if (!object) return undefined
    const bytes = Buffer.concat([Buffer.from(`${object.type} ${object.data.length}\0`), object.data])
    return deflateSync(bytes, { level: 1 })
  }
  const stat = async (path: string): Promise<object> => {
    const isFile = find(path) !== undefined
    if (!isFile && path !== gitdir) throw fault("ENOENT")
    return { isFile: () => isFile, isDirectory: () => !isFile, isSymbolicLink: () => false }
  }
  const refuse = async (): Promise<never> => Promise.reject(fault("ENOENT"))
  const promises = {
    readFile: async (path: string, options?: { encoding?: string } | string) => {
      const bytes = find(path)
      if (!bytes) throw fault("ENOENT")
      const encoding = typeof options === "string" ? options : options?.encoding
      return encoding === undefined ? bytes : Buffer.from(bytes).toString("utf8")
    },
    writeFile: async (path: string, data: string | Uint8Array) => void files.set(path, Buffer.from(data as string)),
    unlink: async (path: string) => void files.delete(path),
    readdir: async () => [],
    mkdir: async () => undefined,
    rmdir: async () => undefined,
    stat,
    lstat: stat,
    readlink: refuse,
    symlink: refuse,
  }
  return {
    fs: { promises },
    write: (path, content) => void files.set(`${gitdir}/${path}`, Buffer.from(content)),
  }
}
