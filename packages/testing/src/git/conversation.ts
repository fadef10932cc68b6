import { createHash } from "node:crypto"
import { parsePkts, pkt, pktLines, textOf, type Pkt } from "./pkt-line.ts"
import { advertiseReceive, expectsPack, receivePack } from "./receive-pack.ts"
import type { GitRepository } from "./repository.ts"
import { selectObjects, type Selected } from "./select-objects.ts"
import {
  advertise,
  argumentsOf,
  capabilitiesOf,
  packAnswer,
  shallowLines,
  uploadPack,
  type FetchArguments,
  type UploadPackOptions,
} from "./upload-pack.ts"

/** The two commands that git runs on a server. */
export type GitService = "git-upload-pack" | "git-receive-pack"

/** One run of a command over a connection that stays open, as SSH has it. */
export interface Conversation {
  readonly repository: GitRepository
  readonly options: UploadPackOptions
  /** The protocol version that the client asks for. */
  readonly version: number
  /** What the client says. */
  readonly input: AsyncIterator<Uint8Array, unknown>
  /** Makes an answer and sends it. */
  answer(action: string, receivedBytes: number, make: () => Buffer): Promise<void>
  /** Sends what is part of a negotiation and no answer yet. */
  send(bytes: Buffer): Promise<void>
}

/** Speaks with a client until it has what it wants or leaves. */
export async function converse(service: GitService, conversation: Conversation): Promise<void> {
  const { repository, options, version, answer, input } = conversation
  const reader = createPktReader(input)
  if (service === "git-receive-pack") return receive(conversation, reader)
  const speaks = Math.min(version, options.protocol ?? 2)
  await answer("advertise", 0, () => advertise(repository, speaks, options))
  if (speaks < 2) return upload(conversation, reader)
  for (;;) {
    const packets = await reader.untilFlush()
    if (packets.length < 2) return // a lone flush is the good-bye
    const action = textOf(packets[0]!) === "command=ls-refs" ? "ls-refs" : "fetch"
    const body = pktLines(packets)
    await answer(action, body.length, () => uploadPack(repository, body, 2))
  }
}

/** Protocol 0 and 1: the wants, the shallow boundary, haves until `done`, then the pack. */
async function upload({ repository, answer, send }: Conversation, reader: PktReader): Promise<void> {
  const packets = await reader.untilFlush()
  const wanted = argumentsOf(packets.map(textOf))
  if (wanted.wants.length === 0) return
  const capabilities = capabilitiesOf(packets.map(textOf))
  const select = (haves: readonly string[]): Selected | string => {
    try {
      return selectObjects(repository, { ...wanted, haves })
    } catch (error) {
      return `ERR ${(error as Error).message}`
    }
  }
  const boundary = select([])
  if (typeof boundary === "string") return answer("fetch", pktLines(packets).length, () => pkt(boundary))
  if (wanted.depth !== undefined) await send(pktLines([...shallowLines(boundary), "flush"]))
  const detailed = capabilities.includes("multi_ack_detailed")
  const common = await negotiate({ repository, wanted, detailed, send }, reader)
  if (!common) return
  await answer("fetch", pktLines(packets).length, () => {
    const last = common.at(-1)
    const selected = select(common)
    const verdict = pkt(last === undefined ? "NAK\n" : `ACK ${last}\n`)
    if (typeof selected === "string") return pkt(selected)
    return Buffer.concat([verdict, packAnswer(selected, capabilities)])
  })
}

interface Negotiation extends Pick<Conversation, "repository" | "send"> {
  readonly wanted: FetchArguments
  /** Whether every common commit is acknowledged, and readiness told. */
  readonly detailed: boolean
}

/** The commits that both have; undefined when the client leaves before `done`. */
async function negotiate(
  { repository, detailed, send }: Negotiation,
  reader: PktReader,
): Promise<readonly string[] | undefined> {
  const common: string[] = []
  for (let packet = await reader.next(); packet !== undefined; packet = await reader.next()) {
    const text = textOf(packet)
    if (text === "done") return common
    if (packet === "flush") {
      const ready = detailed && common.length > 0 ? [`ACK ${common.at(-1)!} ready\n`] : []
      if (detailed || common.length === 0) await send(pktLines([...ready, "NAK\n"]))
      continue
    }
    const oid = text.startsWith("have ") ? text.slice(5) : ""
    if (!repository.object(oid)) continue
    common.push(oid)
    if (detailed) await send(pkt(`ACK ${oid} common\n`))
    else if (common.length === 1) await send(pkt(`ACK ${oid}\n`))
  }
  return undefined
}

async function receive({ repository, answer }: Conversation, reader: PktReader): Promise<void> {
  await answer("advertise", 0, () => advertiseReceive(repository))
  const packets = await reader.untilFlush()
  if (packets.length < 2) return
  const pack = expectsPack(packets.map(textOf)) ? await reader.pack() : Buffer.alloc(0)
  const body = Buffer.concat([pktLines(packets), pack])
  await answer("receive", body.length, () => receivePack(repository, body))
}

interface PktReader {
  /** The next packet; undefined at the end. */
  next(): Promise<Pkt | undefined>
  /** The packets up to the next flush, with it; empty when the client leaves before. */
  untilFlush(): Promise<Pkt[]>
  /** The pack that follows, up to its checksum: not every client closes its side behind it. */
  pack(): Promise<Buffer>
}

function createPktReader(input: AsyncIterator<Uint8Array, unknown>): PktReader {
  let buffered: Buffer = Buffer.alloc(0)
  let waiting: Pkt[] = []
  const fill = async (): Promise<boolean> => {
    const step = await input.next()
    if (step.done === true) return false
    buffered = Buffer.concat([buffered, step.value])
    return true
  }
  const next = async (): Promise<Pkt | undefined> => {
    while (waiting.length === 0) {
      const { packets, rest } = parsePkts(buffered, true)
      if (packets.length === 0 && !(await fill())) return undefined
      if (packets.length > 0) [waiting, buffered] = [packets, rest]
    }
    return waiting.shift()
  }
  return {
    next,
    untilFlush: async () => {
      const packets: Pkt[] = []
      for (let packet = await next(); packet !== undefined; packet = await next()) {
        packets.push(packet)
        if (packet === "flush") return packets
      }
      return []
    },
    pack: () => readToChecksum(buffered, input),
  }
}

const sumBytes = 20

/** Bytes up to and with the SHA-1 of all before, or up to the end. */
async function readToChecksum(start: Uint8Array, input: AsyncIterator<Uint8Array, unknown>): Promise<Buffer> {
  const hash = createHash("sha1")
  const summed: Buffer[] = []
  let tail: Buffer = Buffer.alloc(0)
  for (let chunk = start; ;) {
    const bytes = Buffer.concat([tail, chunk])
    const cut = Math.max(0, bytes.length - sumBytes)
    hash.update(bytes.subarray(0, cut))
    summed.push(bytes.subarray(0, cut))
    tail = bytes.subarray(cut)
    if (tail.length === sumBytes && hash.copy().digest().equals(tail)) break
    const step = await input.next()
    if (step.done === true) break
    chunk = step.value
  }
  return Buffer.concat([...summed, tail])
}
