import { SourceError } from "../error.ts"
import { plantTree, type DirectoryNode, type TreeContent } from "../files/tree.ts"

const block = 512
const invalid = (what: string): SourceError => new SourceError("InvalidArchive", `the archive ${what}`)

/**
 * The tree in the bytes of a tar (ustar, pax, GNU long names). Throws `InvalidArchive` for damage and for what is not a
 * file, a folder or a link below the root, `LimitExceeded` for more than `maxEntries`.
 */
export function readTar(tar: Buffer, maxEntries: number): DirectoryNode {
  const contents: [string, TreeContent][] = []
  let entries = 0
  for (const { path, type, mode, target, data } of entriesOf(tar)) {
    if (++entries > maxEntries) {
      throw new SourceError("LimitExceeded", `the archive holds more than ${maxEntries} files and folders`)
    }
    if (type === "symlink") contents.push([path, { symlink: target }])
    else if (type === "file") contents.push([path, mode & 0o100 ? { executable: data } : data])
  }
  try {
    return plantTree(contents, maxEntries)
  } catch (error) {
    if (!(error instanceof SourceError) || error.code !== "InvalidPath") throw error
    throw new SourceError("InvalidArchive", error.rawMessage, { cause: error })
  }
}

interface TarEntry {
  readonly path: string
  readonly type: "file" | "directory" | "symlink"
  readonly mode: number
  readonly target: string
  readonly data: Buffer
}

const types: ReadonlyMap<string, TarEntry["type"]> = new Map([
  ["0", "file"],
  ["\0", "file"],
  ["7", "file"],
  ["2", "symlink"],
  ["5", "directory"],
])

function* entriesOf(tar: Buffer): Generator<TarEntry> {
  let extra: ReadonlyMap<string, string> = new Map()
  for (let at = 0; at + block <= tar.length;) {
    const header = tar.subarray(at, at + block)
    if (header.every((byte) => byte === 0)) return
    checkSum(header)
    const kind = header.toString("latin1", 156, 157)
    const size = sizeOf(header, kind === "x" || kind === "g" ? undefined : extra.get("size"))
    const data = tar.subarray(at + block, at + block + size)
    if (data.length < size) throw invalid("is cut off")
    at += block + Math.ceil(size / block) * block
    if (kind === "x") extra = new Map([...extra, ...parsePax(data)])
    else if (kind === "L") extra = new Map([...extra, ["path", textOf(data, 0, data.length)]])
    else if (kind === "K") extra = new Map([...extra, ["linkpath", textOf(data, 0, data.length)]])
    else if (kind !== "g") {
      yield entryOf(header, data, extra)
      extra = new Map()
    }
  }
  throw invalid("is cut off")
}

function entryOf(header: Buffer, data: Buffer, extra: ReadonlyMap<string, string>): TarEntry {
  const prefix = header.toString("latin1", 257, 263) === "ustar\0" ? textOf(header, 345, 155) : ""
  const name = textOf(header, 0, 100)
  const path = extra.get("path") ?? (prefix === "" ? name : `${prefix}/${name}`)
  const kind = header.toString("latin1", 156, 157)
  const type = types.get(kind)
  if (!type) throw invalid(`holds '${path}', which is no file, folder or symbolic link`)
  const target = extra.get("linkpath") ?? textOf(header, 157, 100)
  // The oldest tars mark a folder by the slash at its end alone.
  const isFolder = type === "directory" || (type === "file" && path.endsWith("/"))
  return { path, type: isFolder ? "directory" : type, mode: octal(header, 100, 8), target, data }
}

function textOf(bytes: Buffer, at: number, length: number): string {
  const end = bytes.indexOf(0, at)
  return bytes.toString("utf8", at, end < 0 || end > at + length ? at + length : end)
}

function octal(header: Buffer, at: number, length: number): number {
  const text = header
    .toString("latin1", at, at + length)
    .replace(/[\0 ]+$/, "")
    .trimStart()
  if (!/^[0-7]*$/.test(text)) throw invalid("has a number that cannot be read")
  return Number.parseInt(text || "0", 8)
}

function sizeOf(header: Buffer, override: string | undefined): number {
  if (override === undefined) return octal(header, 124, 12)
  if (!/^\d{1,15}$/.test(override)) throw invalid("has a number that cannot be read")
  return Number(override)
}

function checkSum(header: Buffer): void {
  let sum = 8 * 32
  for (const [at, byte] of header.entries()) if (at < 148 || at >= 156) sum += byte
  if (sum !== octal(header, 148, 8)) throw invalid("is no tar, or damaged")
}

/** The records of a pax header that matter here. */
function parsePax(data: Buffer): Map<string, string> {
  const records = new Map<string, string>()
  for (let at = 0; at < data.length;) {
    const space = data.indexOf(0x20, at)
    const length = Number(data.toString("latin1", at, space < 0 ? at : Math.min(space, at + 12)))
    if (!(length > space - at + 1) || at + length > data.length) throw invalid("has a broken pax header")
    const [key = "", ...rest] = data.toString("utf8", space + 1, at + length - 1).split("=")
    if (key === "path" || key === "linkpath" || key === "size") records.set(key, rest.join("="))
    at += length
  }
  return records
}
