import { createHash, generateKeyPairSync } from "node:crypto"
import { createServer, type AddressInfo, type Socket } from "node:net"
import type { AuthContext, Connection, ParsedKey, ServerChannel } from "ssh2"
import type { Clock } from "@gitops-toolkit/kube"
import { TestingError } from "../error.ts"
import { converse, type GitService } from "./conversation.ts"
import { brokenConnection, isRefusal, spoil, type GitFault, type TakeGitFault } from "./faults.ts"
import type { GitRepository } from "./repository.ts"
import type { UploadPackOptions } from "./upload-pack.ts"

/** Who knocks. */
export interface GitSshLogin {
  readonly user: string
  /** The key that the client has proven to hold, as in `authorized_keys` without comment: `ssh-ed25519 AAAA…`. */
  readonly publicKey?: string
  readonly password?: string
}

/** Options of `GitServer.listenSsh`. */
export interface ListenSshOptions {
  /** The server's private key, as OpenSSH or PEM text; default: a fresh ECDSA key (P-256). */
  readonly hostKey?: string
  /** Who may enter; default: who holds the key of `auth`. */
  readonly authorize?: (login: GitSshLogin) => boolean
}

/** A git server that listens for SSH. */
export interface GitSshAddress extends AsyncDisposable {
  /** The URL of the first repository: `ssh://git@127.0.0.1:40022/repository.git`. */
  readonly url: string
  /** The URL of a repository. */
  urlOf(name: string): string
  /** A private key that may enter (fresh, PEM text) and the known_hosts line of the server. */
  readonly auth: { readonly identity: string; readonly knownHosts: string }
  /** The server's key as `ssh-keygen -l` shows it: `SHA256:…`. */
  readonly fingerprint: string
  /** How many connections there were so far. */
  readonly connections: number
  /** Breaks all connections, and goes on listening. */
  drop(): void
  /** Stops listening and breaks all connections. */
  close(): Promise<void>
}

/** What the SSH server serves. */
export interface SshServed {
  readonly first: string
  readonly repositories: ReadonlyMap<string, GitRepository>
  readonly options: UploadPackOptions
  readonly take: TakeGitFault
  readonly sleep: Clock["sleep"] | undefined
  /** Told of every answer. */
  log(entry: SshLogEntry): void
}

/** One answer over SSH. */
export interface SshLogEntry {
  readonly path: string
  readonly action: string
  readonly status: number
  readonly receivedBytes: number
  readonly sentBytes: number
}

type Ssh2 = typeof import("ssh2")

async function loadSsh2(): Promise<Ssh2> {
  try {
    return (await import("ssh2")).default
  } catch (cause) {
    throw new TestingError("PackageMissing", "listenSsh needs the package 'ssh2': npm install --save-dev ssh2", {
      cause,
    })
  }
}

/** Serves repositories over SSH on a free port of the loopback interface. */
export async function listenSshOn(served: SshServed, options: ListenSshOptions = {}): Promise<GitSshAddress> {
  const ssh2 = await loadSsh2()
  const { parseKey } = ssh2.utils
  const host = options.hostKey ?? freshKey()
  const hostKey = parseKey(host)
  if (hostKey instanceof Error) throw new TestingError("InvalidOptions", "hostKey: not a private key that can be read")
  const identity = freshKey()
  const own = keyText(parseKey(identity) as ParsedKey)
  const authorize = options.authorize ?? (({ publicKey }) => publicKey === own)
  const sockets = new Map<number, Socket>()
  let connections = 0
  const ssh = new ssh2.Server({ hostKeys: [host] }, (client, { port }) => {
    connections++
    const close = (): void => void sockets.get(port)?.destroy()
    const fault = served.take({ action: "login", over: "ssh" })
    admit(client, { authorize, fault, close, parseKey, sleep: served.sleep })
    openSessions(client, served, close)
  })
  const listener = createServer((socket) => {
    const port = socket.remotePort ?? 0
    sockets.set(port, socket)
    socket.once("close", () => sockets.delete(port))
    ssh.injectSocket(socket)
  })
  await new Promise<void>((resolve, reject) => {
    listener.once("error", reject)
    listener.listen(0, "127.0.0.1", resolve)
  })
  const { port } = listener.address() as AddressInfo
  const drop = (): void => sockets.forEach((socket) => socket.destroy())
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      listener.close(() => resolve())
      drop()
    })
  const urlOf = (name: string): string => `ssh://git@127.0.0.1:${port}/${name}.git`
  return {
    url: urlOf(served.first),
    urlOf,
    auth: { identity, knownHosts: `[127.0.0.1]:${port} ${keyText(hostKey)}\n` },
    fingerprint: `SHA256:${createHash("sha256").update(hostKey.getPublicSSH()).digest("base64").replace(/=+$/, "")}`,
    get connections() {
      return connections
    },
    drop,
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** A private key. Not by ssh2's own generator: about one of 150 Ed25519 keys that it makes cannot be read. */
function freshKey(): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
  return String(privateKey.export({ type: "sec1", format: "pem" }))
}

function keyText(key: ParsedKey): string {
  return `${key.type} ${key.getPublicSSH().toString("base64")}`
}

interface Admission {
  readonly authorize: (login: GitSshLogin) => boolean
  readonly fault: GitFault | undefined
  readonly close: () => void
  readonly parseKey: Ssh2["utils"]["parseKey"]
  readonly sleep: Clock["sleep"] | undefined
}

/** Judges the client's attempts to log in. */
function admit(client: Connection, { authorize, fault, close, parseKey, sleep }: Admission): void {
  const methods = ["publickey" as const, "password" as const]
  let wait: Promise<void> | undefined
  client.on("error", () => undefined) // a client that breaks off is no concern of the server's
  client.on("authentication", (context) => {
    const judge = (): void => {
      if (fault?.type !== "unauthorized" && isProven(context, parseKey) && authorize(loginOf(context))) context.accept()
      else context.reject(methods)
    }
    if (fault?.type === "disconnect") return close()
    if (fault?.type === "stall") return
    if (fault?.type !== "slow") return judge()
    wait ??= waitFor(fault, sleep)
    wait.then(judge, close)
  })
}

async function waitFor(fault: GitFault & { type: "slow" }, sleep: Clock["sleep"] | undefined): Promise<void> {
  for await (const _ of spoil(fault, Buffer.alloc(0), { sleep }));
}

/** Whether the client has signed with the key it shows, or is only asking whether that key would do. */
function isProven(context: AuthContext, parseKey: Ssh2["utils"]["parseKey"]): boolean {
  if (context.method === "password") return true
  if (context.method !== "publickey") return false
  if (!context.signature || !context.blob) return true
  const key = parseKey(wireText(context.key.data))
  return !(key instanceof Error) && key.verify(context.blob, context.signature, context.hashAlgo) === true
}

function loginOf(context: AuthContext): GitSshLogin {
  const user = context.username
  if (context.method === "publickey") return { user, publicKey: wireText(context.key.data) }
  return context.method === "password" ? { user, password: context.password } : { user }
}

/** A public key as text; its wire form begins with its type. */
function wireText(data: Buffer): string {
  return `${data.toString("latin1", 4, 4 + data.readUInt32BE(0))} ${data.toString("base64")}`
}

function openSessions(client: Connection, served: SshServed, close: () => void): void {
  client.on("session", (accept) => {
    const session = accept()
    let version = 0
    session.on("env", (acceptEnv, _, { key, val }) => {
      if (key === "GIT_PROTOCOL") version = Number(/version=([012])/.exec(val)?.[1] ?? 0)
      acceptEnv?.()
    })
    session.on("exec", (acceptExec, _, { command }) => {
      const channel = acceptExec()
      channel.on("error", () => undefined) // the writer sees that it is closed
      runCommand(command, channel, { served, version }).catch(close)
    })
  })
}

/** Why a command fails: the words for its standard error. */
interface Failure {
  readonly words: string
}

interface CommandRun {
  readonly served: SshServed
  readonly version: number
}

/** Runs one command. Rejects when the connection is to be broken. */
async function runCommand(command: string, channel: ServerChannel, run: CommandRun): Promise<void> {
  const failure = await speak(command, channel, run)
  if (channel.destroyed) return
  if (failure) channel.stderr.write(`${failure.words}\n`)
  channel.exit(failure ? 128 : 0)
  channel.end()
}

async function speak(
  command: string,
  channel: ServerChannel,
  { served, version }: CommandRun,
): Promise<Failure | undefined> {
  const { repositories, options, take, sleep, log } = served
  const [, service, quoted] = /^git[- ](upload-pack|receive-pack) (.+)$/s.exec(command) ?? []
  if (service === undefined) return { words: "fatal: the server runs only git-upload-pack and git-receive-pack" }
  const path = unquote(quoted!)
  const name = path.replace(/^\//, "").replace(/\.git$/, "")
  const repository = repositories.get(name)
  if (!repository) return { words: `fatal: '${path}' does not appear to be a git repository` }
  const gone = new AbortController()
  channel.once("close", () => gone.abort(brokenConnection()))
  const send = (bytes: Buffer): Promise<void> => write(channel, bytes, gone.signal)
  let failure: Failure | undefined
  const stopped = new Error("the conversation is over")
  const answer = async (action: string, receivedBytes: number, make: () => Buffer): Promise<void> => {
    const fault = take({ action, repository: name, over: "ssh" })
    if (fault && isRefusal(fault)) {
      const status = fault.type === "status" ? fault.status : 401
      log({ path, action, status, receivedBytes, sentBytes: 0 })
      failure = { words: status === 401 ? "Permission denied (a planned fault)" : `${status} (a planned fault)` }
      throw stopped
    }
    const bytes = make()
    log({ path, action, status: 200, receivedBytes, sentBytes: bytes.length })
    if (!fault) return send(bytes)
    for await (const chunk of spoil(fault, bytes, { sleep, signal: gone.signal })) await send(chunk)
    if (fault.type === "truncate") throw stopped
  }
  const input = channel[Symbol.asyncIterator]() as AsyncIterator<Uint8Array, unknown>
  try {
    await converse(`git-${service}` as GitService, { repository, options, version, input, answer, send })
  } catch (error) {
    if (error !== stopped && !gone.signal.aborted) throw error
  }
  return failure
}

/** Undoes git's quoting of a path: single quotes, with `'` and `!` outside of them behind a backslash. */
function unquote(text: string): string {
  return text.replace(/\\(['!])|'/g, (_, char: string | undefined) => char ?? "")
}

function write(channel: ServerChannel, bytes: Buffer, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason as Error)
    const stop = (): void => reject(signal.reason as Error)
    signal.addEventListener("abort", stop, { once: true })
    channel.write(bytes, (error) => {
      signal.removeEventListener("abort", stop)
      if (error) reject(error)
      else resolve()
    })
  })
}
