import { promisify } from "node:util"
import { gunzip, gzip } from "node:zlib"
import { readTar } from "./archive/read.ts"
import { writeTar } from "./archive/write.ts"
import { SourceError } from "./error.ts"
import type { Files } from "./files.ts"
import { treeFiles, type TreeFiles } from "./files/tree.ts"

/** How much an archive may hold. */
export interface ArchiveLimits {
  /** Bytes, before and after decompression; default 512 MiB. */
  readonly bytes: number
  /** Files, folders and links; default 200 000. */
  readonly entries: number
}

/** The bounds that hold when none are given. */
export const defaultArchiveLimits: ArchiveLimits = { bytes: 512 * 1024 * 1024, entries: 200_000 }

/** Options of `packArchive`. */
export interface ArchiveOptions {
  readonly signal?: AbortSignal | undefined
}

/** Options of `unpackArchive`. */
export interface UnpackOptions extends ArchiveOptions {
  readonly limits?: Partial<ArchiveLimits>
}

/**
 * Files as a `tar.gz`: paths in bytewise order, no times, no owners, modes 0644 and 0755, links as links. The tar inside is
 * the same byte for byte wherever it is made; its compression may differ between versions of zlib, so compare
 * `digestOf("")` of what was unpacked, not the bytes of the archive.
 *
 * @example
 * await writeFile("artifact.tar.gz", packArchive(artifact.files))
 */
export function packArchive(files: Files, options: ArchiveOptions = {}): ReadableStream<Uint8Array> {
  return ReadableStream.from(pack(files, options))
}

async function* pack(files: Files, options: ArchiveOptions): AsyncGenerator<Uint8Array> {
  const blocks: Uint8Array[] = []
  for await (const block of writeTar(files, options)) blocks.push(block)
  const bytes = await promisify(gzip)(Buffer.concat(blocks), { level: 6 })
  bytes[9] = 255 // the operating system: unknown
  yield bytes
}

/**
 * The files of a `tar.gz` (or a plain tar), in memory. Throws `InvalidArchive` for damage and for anything that is not
 * a file, a folder or a link below the root (absolute paths, `..`, hard links, devices, a path twice), and `LimitExceeded`
 * before it takes more than `limits` allow.
 *
 * @example
 * const files = await unpackArchive(response.body)
 */
export async function unpackArchive(
  stream: AsyncIterable<Uint8Array>,
  options: UnpackOptions = {},
): Promise<TreeFiles> {
  const limits = { ...defaultArchiveLimits, ...options.limits }
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of stream) {
    options.signal?.throwIfAborted()
    length += chunk.length
    if (length > limits.bytes) throw tooLarge(limits)
    chunks.push(chunk)
  }
  const bytes = Buffer.concat(chunks, length)
  const tar = bytes[0] === 0x1f && bytes[1] === 0x8b ? await unzip(bytes, limits) : bytes
  return treeFiles(readTar(tar, limits.entries))
}

const tooLarge = ({ bytes }: ArchiveLimits): SourceError =>
  new SourceError("LimitExceeded", `the archive is larger than ${bytes} bytes`)

async function unzip(bytes: Buffer, limits: ArchiveLimits): Promise<Buffer> {
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: limits.bytes })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(limits)
    throw new SourceError("InvalidArchive", "the archive is no gzip, or damaged", { cause: error })
  }
}
