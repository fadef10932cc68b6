import { lookup } from "node:dns/promises"
import type { EgressPolicy } from "@gitops-toolkit/http"
import { createConnection, type Socket } from "node:net"
import type { Client, ClientChannel } from "ssh2"
import { SourceError } from "../../error.ts"
import { identityOf, type GitUrl, type SshAuth } from "../auth.ts"
import { printable, serverError } from "../protocol/pkt-line.ts"
import type { GitConnection } from "./connection.ts"
import { readableIdentity } from "./identity.ts"
import { algorithmsFor, hostKeysOf } from "./known-hosts.ts"

/** Options of `connectSsh`. */
export interface SshConnectionOptions {
  readonly auth: SshAuth
  readonly signal: AbortSignal
  /** Milliseconds left for the handshake. */
  readonly timeLeftMs: () => number
  readonly egress: EgressPolicy | undefined
  readonly pool: SshPool
}

interface Connected {
  readonly client: Client
  readonly socket: Socket
  /** Channels that are open on it. */
  channels: number
}

/** Connections that are kept for the next conversation, by host, port, user and credentials. */
export type SshPool = Map<string, Promise<Connected>>

/** Ends all connections of a pool. */
export async function closePool(pool: SshPool): Promise<void> {
  for (const opening of pool.values()) {
    const connected = await opening.catch(() => undefined) // its opener has seen the error
    connected?.client.end()
  }
  pool.clear()
}

/** OpenSSH's servers take ten sessions on a connection. */
const maxChannels = 10

/** A connection to use, kept or new. Kept ones do not hold the process alive while nobody uses them. */
async function takeConnection(url: GitUrl, options: SshConnectionOptions, fresh: boolean): Promise<Connected> {
  const { pool, auth } = options
  const key = `${url.origin} ${identityOf(auth)}`
  const kept = fresh ? undefined : await pool.get(key)?.catch(() => undefined) // another's failure is not ours
  if (kept && !kept.socket.destroyed && kept.channels < maxChannels) {
    kept.channels++
    kept.socket.ref()
    return kept
  }
  const opening = openClient(url, options)
  pool.set(key, opening)
  try {
    const connected = await opening
    connected.channels++
    connected.client.once("close", () => {
      if (pool.get(key) === opening) pool.delete(key)
    })
    return connected
  } catch (error) {
    if (pool.get(key) === opening) pool.delete(key)
    throw error
  }
}

type Ssh2 = typeof import("ssh2")

async function loadSsh2(): Promise<Ssh2> {
  try {
    return (await import("ssh2")).default
  } catch (cause) {
    throw new SourceError("Unsupported", "ssh:// URLs need the package 'ssh2': npm install ssh2", { cause })
  }
}

function release(connected: Connected): void {
  if (--connected.channels === 0) connected.socket.unref()
}

/** A connection over ssh: one channel on which commands follow each other. The server's key must be known. */
export function connectSsh(url: GitUrl, options: SshConnectionOptions): GitConnection {
  let connected: Connected | undefined
  let channel: Channel | undefined
  let asked = false
  return {
    stateless: false,
    advertise: async () => {
      await channel?.close(asked)
      asked = false
      const wasKept = connected === undefined && options.pool.size > 0
      connected ??= await takeConnection(url, options, false)
      try {
        channel = await openChannel(connected, url, options.signal)
      } catch (error) {
        if (!wasKept) throw error
        release(connected) // it may have been dead for long: once more on a new one
        connected = await takeConnection(url, options, true)
        channel = await openChannel(connected, url, options.signal)
      }
      return channel.bytes()
    },
    command: async (body) => {
      asked = true
      await channel!.write(body)
      return channel!.bytes()
    },
    close: async () => {
      await channel?.close(asked)
      channel = undefined
      if (connected) release(connected)
      connected = undefined
    },
  }
}

/** The host, or the address of it that the policy allows: the very one that is connected to. */
async function reachable({ host, display, origin }: GitUrl, egress: EgressPolicy | undefined): Promise<string> {
  const denied = (): SourceError =>
    new SourceError("EgressDenied", `the egress policy forbids ${origin}`, { url: display })
  if (egress?.allowUrl?.(new URL(display)) === false) throw denied()
  const allow = egress?.allowAddress
  if (!allow) return host
  const found = await lookup(host, { all: true }).catch((cause: unknown) => {
    throw new SourceError("Unreachable", `${host} has no address`, { url: display, cause })
  })
  const address = found.find((candidate) => allow(candidate.address))
  if (!address) throw denied()
  return address.address
}

async function openClient(url: GitUrl, options: SshConnectionOptions): Promise<Connected> {
  const { auth, signal, timeLeftMs } = options
  const { host, port, user, display } = url
  const { trusted, revoked } = hostKeysOf(auth.knownHosts, host, port)
  if (trusted.length === 0) {
    throw new SourceError("HostKeyMismatch", `known_hosts has no key of ${host}${port === 22 ? "" : `:${port}`}`, {
      url: display,
    })
  }
  const { key, passphrase } = readableIdentity(auth)
  const { Client: SshClient } = await loadSsh2()
  const address = await reachable(url, options.egress)
  signal.throwIfAborted()
  const client = new SshClient()
  const socket = createConnection({ host: address, port, noDelay: true })
  socket.on("error", () => undefined) // the client reports it
  let mismatch = false
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      client.destroy()
      reject(signal.reason as Error)
    }
    signal.addEventListener("abort", stop, { once: true })
    client.on("error", (error) => reject(sshError(error, mismatch, url)))
    client.on("close", () => reject(new SourceError("Unreachable", `${host} closed the connection`, { url: display })))
    client.once("ready", () => {
      signal.removeEventListener("abort", stop)
      resolve({ client, socket, channels: 0 })
    })
    try {
      client.connect({
        sock: socket,
        username: user,
        privateKey: key,
        ...(passphrase === undefined ? {} : { passphrase }),
        readyTimeout: timeLeftMs(),
        algorithms: { serverHostKey: algorithmsFor(trusted) as never },
        hostVerifier: (shown: Buffer) => {
          mismatch = !trusted.some((known) => known.equals(shown)) || revoked.some((known) => known.equals(shown))
          return !mismatch
        },
      })
    } catch {
      reject(
        new SourceError(
          "InvalidAuth",
          "the private key cannot be read: damaged, or the passphrase is missing or wrong",
        ),
      )
    }
  })
}

function sshError(error: Error & { level?: string }, mismatch: boolean, { host, display }: GitUrl): SourceError {
  const options = { url: display, cause: error }
  const text = printable(error.message)
  if (mismatch || /no matching (?:server )?host key/i.test(text)) {
    return new SourceError("HostKeyMismatch", `${host} shows a key that is not in known_hosts`, options)
  }
  switch (error.level) {
    case "client-authentication":
      return new SourceError("AuthenticationFailed", `${host} refuses the key`, options)
    case "client-timeout":
      return new SourceError("TimedOut", `${host} does not finish the handshake`, options)
    default:
      return new SourceError("Unreachable", `${host}: ${text}`, options)
  }
}

interface Channel {
  /** What the server sends, from here on; leaving it does not close the channel. */
  bytes(): AsyncIterable<Uint8Array>
  write(body: Buffer): Promise<void>
  /** Says good-bye when nothing was asked, else the server would wait. */
  close(asked: boolean): Promise<void>
}

const maxErrorBytes = 4096

async function openChannel({ client, socket }: Connected, { path }: GitUrl, signal: AbortSignal): Promise<Channel> {
  const channel = await startUploadPack(client, path)
  let words = ""
  channel.stderr.on("data", (chunk: Buffer) => {
    if (words.length < maxErrorBytes) words += chunk.toString("utf8")
  })
  channel.on("error", () => undefined) // seen by the reader
  const ended = new Promise<void>((resolve) => channel.once("close", () => resolve()))
  const stop = (): void => void channel.destroy()
  signal.addEventListener("abort", stop, { once: true })
  const chunks = channel[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  const next = async (): Promise<IteratorResult<Buffer, undefined>> => {
    const step = await chunks.next().catch((cause: unknown) => {
      signal.throwIfAborted()
      throw new SourceError("Unreachable", "the ssh connection broke", { cause })
    })
    if (!step.done) return step
    signal.throwIfAborted()
    await ended
    if (words.trim() !== "") throw serverError(words)
    if (socket.destroyed) throw new SourceError("Unreachable", "the ssh connection broke")
    return { done: true, value: undefined }
  }
  return {
    bytes: () => ({ [Symbol.asyncIterator]: () => ({ next }) }),
    write: (body) =>
      new Promise((resolve, reject) => {
        channel.write(body, (error) =>
          error ? reject(new SourceError("Unreachable", "the ssh connection broke")) : resolve(),
        )
      }),
    close: async (asked) => {
      signal.removeEventListener("abort", stop)
      if (!asked && channel.writable) channel.write("0000")
      channel.end()
      channel.close()
    },
  }
}

function startUploadPack(client: Client, path: string): Promise<ClientChannel> {
  // Git's own quoting: the path in single quotes, single quotes and `!` outside of them.
  const quoted = `'${path.replace(/['!]/g, (char) => `'\\${char}'`)}'`
  return new Promise((resolve, reject) => {
    client.exec(`git-upload-pack ${quoted}`, { env: { GIT_PROTOCOL: "version=2" } }, (error, channel) => {
      if (error) reject(new SourceError("Unreachable", "the server opens no channel", { cause: error }))
      else resolve(channel)
    })
  })
}
