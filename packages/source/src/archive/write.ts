import type { Entry, Files } from "../files.ts"

const block = 512
const encoder = new TextEncoder()

/** Options of `writeTar`. */
export interface WriteTarOptions {
  readonly signal?: AbortSignal | undefined
}

/** The blocks of a deterministic tar (POSIX ustar, pax headers for long names) of `files`. */
export async function* writeTar(files: Files, options: WriteTarOptions = {}): AsyncGenerator<Uint8Array> {
  yield* writeFolder(files, "", options)
  yield new Uint8Array(2 * block)
}

async function* writeFolder(files: Files, folder: string, options: WriteTarOptions): AsyncGenerator<Uint8Array> {
  for (const entry of await files.list(folder)) {
    options.signal?.throwIfAborted()
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`
    if (entry.type === "directory") {
      yield* headers(`${path}/`, entry, 0)
      yield* writeFolder(files, path, options)
    } else if (entry.type === "symlink") yield* headers(path, entry, 0)
    else {
      const bytes = await files.read(path, options)
      yield* headers(path, entry, bytes.length)
      yield bytes
      yield new Uint8Array((block - (bytes.length % block)) % block)
    }
  }
}

function* headers(path: string, entry: Entry, size: number): Generator<Uint8Array> {
  const long = [
    ...(encoder.encode(path).length > 100 ? [paxRecord("path", path)] : []),
    ...(encoder.encode(entry.target ?? "").length > 100 ? [paxRecord("linkpath", entry.target!)] : []),
  ]
  if (long.length > 0) {
    const records = Buffer.concat(long)
    yield header({ name: "pax", type: "x", mode: 0o644, size: records.length, target: "" })
    yield records
    yield new Uint8Array((block - (records.length % block)) % block)
  }
  const type = { file: "0", symlink: "2", directory: "5" }[entry.type]
  const mode = entry.type === "file" && !(entry.mode & 0o100) ? 0o644 : 0o755
  yield header({ name: path, type, mode, size, target: entry.target ?? "" })
}

/** `<length> <key>=<value>\n`, where the length counts itself. */
function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.from(` ${key}=${value}\n`)
  let length = rest.length + 1
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length
  return Buffer.concat([Buffer.from(String(length)), rest])
}

interface Header {
  readonly name: string
  readonly type: string
  readonly mode: number
  readonly size: number
  readonly target: string
}

function header({ name, type, mode, size, target }: Header): Buffer {
  const bytes = Buffer.alloc(block)
  const octal = (value: number, at: number, length: number): void => {
    bytes.write(value.toString(8).padStart(length - 1, "0"), at, "latin1")
  }
  Buffer.from(name).copy(bytes, 0, 0, 100)
  octal(mode, 100, 8)
  octal(0, 108, 8)
  octal(0, 116, 8)
  octal(size, 124, 12)
  octal(0, 136, 12)
  bytes.write(" ".repeat(8), 148)
  bytes.write(type, 156)
  Buffer.from(target).copy(bytes, 157, 0, 100)
  bytes.write("ustar\u000000", 257, "latin1")
  let sum = 0
  for (const byte of bytes) sum += byte
  bytes.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1")
  return bytes
}
