import { SourceError } from "../../error.ts"
import type { Advertisement } from "./advertisement.ts"
import { agent, commandHead } from "./ls-refs.ts"
import { printPackets, serverError, textOf, type Packet, type PacketReader } from "./pkt-line.ts"

/** What a fetch asks for. */
export interface FetchRequest {
  /** Commits (or, with `filter`, blobs) by id. */
  readonly wants: readonly string[]
  /** A commit that we hold completely, without its parents: the pack may leave out and build on what it has. */
  readonly have?: string | undefined
  /** `blob:none` or `tree:0`: leave out objects that are not wanted by id. */
  readonly filter?: string | undefined
}

/** True when the server leaves out objects on demand. */
export function canFilter({ version, capabilities }: Advertisement): boolean {
  if (version < 2) return capabilities.has("filter")
  return (capabilities.get("fetch") ?? "").split(" ").includes("filter")
}

const canBeShallow = ({ version, capabilities }: Advertisement): boolean =>
  version < 2 ? capabilities.has("shallow") : (capabilities.get("fetch") ?? "").split(" ").includes("shallow")

/** The request for one commit each (depth 1) of `wants`. Throws `Unsupported` for a server without side-band. */
export function printFetch(request: FetchRequest, advertisement: Advertisement): Buffer {
  const { wants, have, filter } = request
  const shallow = canBeShallow(advertisement)
  const filtered = filter !== undefined && canFilter(advertisement)
  if (advertisement.version === 2) {
    return printPackets([
      ...commandHead("fetch", advertisement),
      { special: "delim" },
      "no-progress",
      "ofs-delta",
      ...(have ? ["thin-pack"] : []),
      ...wants.map((oid) => `want ${oid}`),
      ...(have && shallow ? [`shallow ${have}`] : []),
      ...(shallow ? ["deepen 1"] : []),
      ...(filtered ? [`filter ${filter}`] : []),
      ...(have ? [`have ${have}`] : []),
      "done",
      { special: "flush" },
    ])
  }
  const { capabilities } = advertisement
  if (!capabilities.has("side-band-64k")) throw new SourceError("Unsupported", "the server is too old (no side-band)")
  const words = ["side-band-64k"]
  // Some servers (Azure DevOps) refuse clients without multi_ack.
  for (const name of ["multi_ack_detailed", "ofs-delta", "no-progress"]) if (capabilities.has(name)) words.push(name)
  if (have && capabilities.has("thin-pack")) words.push("thin-pack")
  if (filtered) words.push("filter")
  if (capabilities.has("object-format")) words.push(`object-format=${advertisement.format}`)
  if (capabilities.has("agent")) words.push(`agent=${agent}`)
  return printPackets([
    ...wants.map((oid, i) => (i === 0 ? `want ${oid} ${words.join(" ")}` : `want ${oid}`)),
    ...(have && shallow ? [`shallow ${have}`] : []),
    ...(shallow ? ["deepen 1"] : []),
    ...(filtered ? [`filter ${filter}`] : []),
    { special: "flush" },
    ...(have ? [`have ${have}`] : []),
    "done",
  ])
}

/** The pack in the answer to a fetch, as it arrives. Throws what the server reports, and `InvalidResponse` for anything else. */
export async function* readFetch(reader: PacketReader, { version }: Advertisement): AsyncGenerator<Buffer, void, void> {
  let packet = await (version === 2 ? skipSections(reader) : skipAcknowledgements(reader))
  for (; packet !== "flush"; packet = await reader.next()) {
    if (packet === undefined) throw new SourceError("InvalidResponse", "the server's pack is cut off")
    const data = bandOf(packet)
    if (data) yield data
  }
}

const noPack = (): SourceError => new SourceError("InvalidResponse", "the server sent no pack")

/** Protocol 2: the first packet of the section that holds the pack. */
async function skipSections(reader: PacketReader): Promise<Packet | undefined> {
  for (;;) {
    const packet = await reader.next()
    if (packet === undefined) throw noPack()
    if (typeof packet !== "string" && textOf(packet) === "packfile") return reader.next()
  }
}

/** Protocol 0: the first packet of a band, behind what the server says of our commits and of shallow ones. */
async function skipAcknowledgements(reader: PacketReader): Promise<Packet | undefined> {
  for (;;) {
    const packet = await reader.next()
    if (packet === undefined) throw noPack()
    if (typeof packet === "string") continue
    if (packet.length > 0 && packet[0]! <= 3) return packet
    if (!/^(?:NAK|ACK |shallow |unshallow )/.test(textOf(packet))) throw noPack()
  }
}

function bandOf(packet: Packet): Buffer | undefined {
  if (typeof packet === "string" || packet[0] === 2) return undefined
  if (packet[0] === 1) return packet.subarray(1)
  if (packet[0] === 3) throw serverError(packet.toString("utf8", 1))
  textOf(packet) // an error outside the bands
  throw new SourceError("InvalidResponse", "the server sent an unknown band")
}
