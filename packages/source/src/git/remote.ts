import { SourceError } from "../error.ts"
import type { GitLimits } from "./limits.ts"
import type { ObjectFormat } from "./oid.ts"
import { readAdvertisement, type Advertisement, type RemoteRef } from "./protocol/advertisement.ts"
import { canFilter, printFetch, readFetch, type FetchRequest } from "./protocol/fetch.ts"
import { printLsRefs, readLsRefs } from "./protocol/ls-refs.ts"
import { createPacketReader, type PacketReader } from "./protocol/pkt-line.ts"
import type { GitConnection } from "./transport/connection.ts"

/** What is remembered of a server between connections: its capabilities, for as long as they are believed. */
export interface RemoteMemory {
  advertisement?: Advertisement | undefined
  /** Milliseconds since the epoch until which `advertisement` holds. */
  until?: number
}

/** Options of `createRemote`. */
export interface RemoteOptions {
  readonly limits: GitLimits
  readonly memory: RemoteMemory
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** The fetching side of one conversation with a repository. */
export interface Remote {
  /** The refs that begin with one of `prefixes`, and maybe more. */
  listRefs(prefixes: readonly string[]): Promise<readonly RemoteRef[]>
  /** What `read` makes of the pack that answers `request`, while it arrives. */
  fetch<T>(request: FetchRequest, read: (pack: AsyncIterable<Buffer>) => Promise<T>): Promise<T>
  /** How the repository names its objects, and whether it can leave out objects on demand. */
  features(): Promise<{ readonly format: ObjectFormat; readonly filter: boolean }>
  close(): Promise<void>
}

const memoryMs = 3_600_000

/**
 * Speaks upload-pack over `connection`, protocol 2 or what the server prefers. Over http the capabilities of a protocol 2
 * server are remembered for an hour, so that listing refs costs one request.
 */
export function createRemote(connection: GitConnection, { limits, memory, now }: RemoteOptions): Remote {
  let current: Advertisement | undefined
  const readAnswer = connection.stateless ? readWhole : readOne
  const advertise = async (): Promise<Advertisement> => {
    current = await readAnswer(await connection.advertise(), limits.refBytes, readAdvertisement)
    memory.advertisement = connection.stateless && isWorthKeeping(current) ? current : undefined
    memory.until = now + memoryMs
    return current
  }
  const remembered = (): Advertisement | undefined => (now < (memory.until ?? 0) ? memory.advertisement : undefined)
  const advertisement = async (): Promise<Advertisement> => (current ??= remembered() ?? (await advertise()))
  const ask = async <T>(
    print: (known: Advertisement) => Buffer,
    read: (reader: PacketReader, known: Advertisement) => Promise<T>,
    maxBytes: number,
  ): Promise<T> => {
    const known = await advertisement()
    const answer = await connection.command(print(known))
    // A conversation of protocol 0 over ssh ends with the first pack.
    if (!connection.stateless && known.version < 2) current = undefined
    return readAnswer(answer, maxBytes, (reader) => read(reader, known))
  }
  const listRefs = async (prefixes: readonly string[]): Promise<readonly RemoteRef[]> => {
    const known = await advertisement()
    return known.refs ?? ask((server) => printLsRefs(prefixes, server), readLsRefs, limits.refBytes)
  }
  return {
    listRefs: async (prefixes) => {
      const fromMemory = current === undefined && remembered() !== undefined
      try {
        return await listRefs(prefixes)
      } catch (error) {
        if (!fromMemory || !(error instanceof SourceError) || error.code !== "InvalidResponse") throw error
        await advertise() // the server is not what it was: ask again
        return listRefs(prefixes)
      }
    },
    fetch: (request, read) =>
      ask(
        (known) => printFetch(request, known),
        (reader, known) => read(readFetch(reader, known)),
        limits.packBytes,
      ),
    features: async () => {
      const known = await advertisement()
      return { format: known.format, filter: canFilter(known) }
    },
    close: () => connection.close(),
  }
}

/** Capabilities that are remembered, in characters: a server's own are a few hundred. */
const maxRemembered = 16_384

function isWorthKeeping({ version, capabilities }: Advertisement): boolean {
  let size = 0
  for (const [name, value] of capabilities) size += name.length + value.length
  return version === 2 && size <= maxRemembered
}

type ReadAnswer = <T>(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
  read: (reader: PacketReader) => Promise<T>,
) => Promise<T>

/** Reads one answer of a conversation that goes on. */
const readOne: ReadAnswer = async (body, maxBytes, read) => {
  const reader = createPacketReader(body, maxBytes)
  try {
    return await read(reader)
  } finally {
    await reader.close()
  }
}

/** Reads an answer and the end of its body, so that the connection can be used again. */
const readWhole: ReadAnswer = (body, maxBytes, read) =>
  readOne(body, maxBytes, async (reader) => {
    const answer = await read(reader)
    await reader.next().catch(() => undefined) // the answer is complete, whatever happens to its connection
    return answer
  })
