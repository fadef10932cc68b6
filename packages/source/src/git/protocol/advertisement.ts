import { SourceError } from "../../error.ts"
import { isOid, type ObjectFormat } from "../oid.ts"
import { textOf, type PacketReader } from "./pkt-line.ts"

/** One ref of a remote repository. */
export interface RemoteRef {
  readonly name: string
  readonly oid: string
  /** What an annotated tag points to in the end. */
  readonly peeled?: string
  /** The ref that a symbolic ref (`HEAD`) names. */
  readonly symref?: string
}

/** What a server tells first: what it can do and, before protocol 2, all its refs. */
export interface Advertisement {
  readonly version: 0 | 1 | 2
  readonly capabilities: ReadonlyMap<string, string>
  readonly format: ObjectFormat
  /** Absent under protocol 2, where refs are asked for. */
  readonly refs?: readonly RemoteRef[]
}

/**
 * Reads the first answer of upload-pack, over HTTP or SSH, of protocol 0, 1 or 2.
 * Throws `InvalidResponse` for anything else, and `Unsupported` for an object format that is unknown.
 */
export async function readAdvertisement(reader: PacketReader): Promise<Advertisement> {
  let lines = await readLines(reader)
  if (lines[0]?.startsWith("# service=")) lines = lines.length > 1 ? lines.slice(1) : await readLines(reader)
  if (lines[0] === "version 2") {
    const capabilities = new Map<string, string>()
    for (const line of lines.slice(1)) {
      const equals = line.indexOf("=")
      capabilities.set(equals < 0 ? line : line.slice(0, equals), equals < 0 ? "" : line.slice(equals + 1))
    }
    return { version: 2, capabilities, format: formatIn(capabilities) }
  }
  const version = lines[0] === "version 1" ? 1 : 0
  const refs = version === 1 ? lines.slice(1) : lines
  const capabilities = capabilitiesIn(refs[0] ?? "")
  return { version, capabilities, format: formatIn(capabilities), refs: refsIn(refs, capabilities.get("symref")) }
}

/** The lines up to a flush. A list that ends without one was cut off, and must not pass for a complete one. */
async function readLines(reader: PacketReader): Promise<string[]> {
  const lines: string[] = []
  for (let packet = await reader.next(); packet !== "flush"; packet = await reader.next()) {
    if (packet === undefined) throw new SourceError("InvalidResponse", "the server's first words are cut off")
    if (typeof packet !== "string") lines.push(textOf(packet))
  }
  return lines
}

function formatIn(capabilities: ReadonlyMap<string, string>): ObjectFormat {
  const format = capabilities.get("object-format") ?? "sha1"
  if (format !== "sha1" && format !== "sha256") {
    throw new SourceError("Unsupported", "the repository names its objects in a way that is not supported")
  }
  return format
}

function capabilitiesIn(line: string): Map<string, string> {
  const capabilities = new Map<string, string>()
  for (const word of (line.split("\0")[1] ?? "").split(" ")) {
    const equals = word.indexOf("=")
    const [name, value] = equals < 0 ? [word, ""] : [word.slice(0, equals), word.slice(equals + 1)]
    if (name !== "symref" || value.startsWith("HEAD:")) capabilities.set(name, value)
  }
  return capabilities
}

function refsIn(lines: readonly string[], headSymref: string | undefined): RemoteRef[] {
  const refs = new Map<string, RemoteRef>()
  for (const text of lines) {
    const [entry = ""] = text.split("\0")
    const space = entry.indexOf(" ")
    const [oid, name] = [entry.slice(0, space), entry.slice(space + 1)]
    if (oid === "shallow" || name === "capabilities^{}") continue
    if (!isOid(oid)) throw new SourceError("InvalidResponse", "the server's list of refs cannot be read")
    const target = refs.get(name.slice(0, -3))
    if (name.endsWith("^{}") && target) refs.set(target.name, { ...target, peeled: oid })
    else if (name === "HEAD" && headSymref) refs.set(name, { name, oid, symref: headSymref.slice(5) })
    else refs.set(name, { name, oid })
  }
  return [...refs.values()]
}
