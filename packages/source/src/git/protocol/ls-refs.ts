import { SourceError } from "../../error.ts"
import { isOid } from "../oid.ts"
import type { Advertisement, RemoteRef } from "./advertisement.ts"
import { printPackets, textOf, type PacketReader } from "./pkt-line.ts"

/** How the client calls itself. */
export const agent = "git/gitops-toolkit"

/** The capabilities that a command of protocol 2 repeats, as far as the server offered them. */
export function commandHead(command: string, { capabilities, format }: Advertisement): string[] {
  return [
    `command=${command}`,
    ...(capabilities.has("agent") ? [`agent=${agent}`] : []),
    ...(capabilities.has("object-format") ? [`object-format=${format}`] : []),
  ]
}

/** The request for all refs that begin with one of `prefixes`, annotated tags peeled. */
export function printLsRefs(prefixes: readonly string[], advertisement: Advertisement): Buffer {
  return printPackets([
    ...commandHead("ls-refs", advertisement),
    { special: "delim" },
    "peel",
    "symrefs",
    ...prefixes.map((prefix) => `ref-prefix ${prefix}`),
    { special: "flush" },
  ])
}

/** Reads the answer to `ls-refs`. Throws `InvalidResponse` for a line that is no ref. */
export async function readLsRefs(reader: PacketReader): Promise<RemoteRef[]> {
  const refs: RemoteRef[] = []
  for (let packet = await reader.next(); packet !== "flush"; packet = await reader.next()) {
    if (packet === undefined) throw new SourceError("InvalidResponse", "the server's list of refs is cut off")
    if (typeof packet === "string") continue
    const [oid = "", name = "", ...attributes] = textOf(packet).split(" ")
    if (oid === "unborn") continue
    const peeled = valueOf(attributes, "peeled:")
    const symref = valueOf(attributes, "symref-target:")
    if (!isOid(oid) || name === "" || (peeled !== undefined && !isOid(peeled))) {
      throw new SourceError("InvalidResponse", "the server's list of refs cannot be read")
    }
    refs.push({
      name,
      oid,
      ...(peeled === undefined ? {} : { peeled }),
      ...(symref === undefined ? {} : { symref }),
    })
  }
  return refs
}

function valueOf(attributes: readonly string[], name: string): string | undefined {
  return attributes.find((attribute) => attribute.startsWith(name))?.slice(name.length)
}
