/** One member of a folder. */
export interface Entry {
  readonly name: string
  readonly type: "file" | "directory" | "symlink"
  /** Permission bits: `0o644`, `0o755` (executables, folders), `0o777` (links). */
  readonly mode: number
  /** Bytes of a file. */
  readonly size?: number
  /** Where a link points, as written. */
  readonly target?: string
}

/** Options of `Files.read`. */
export interface ReadOptions {
  readonly signal?: AbortSignal | undefined
}

/**
 * Files to read, wherever they are. Paths are relative to the root, with `/` between names; the root is `""` (or `.`).
 * Links are followed as long as they stay below the root. Throws `FileNotFound` for what is not there, `InvalidPath`
 * for a path or link that leaves the root.
 */
export interface Files {
  /** Says that these files never change: what was read of them need not be read again. */
  readonly immutable?: true
  /** The members of a folder, in bytewise order. */
  list(path: string): Promise<readonly Entry[]>
  /** What is at a path itself, links not followed; undefined when nothing is. Where it is cheaper than `list`. */
  entry?(path: string): Promise<Entry | undefined>
  /** The bytes of a file; shared, so they must not be changed. */
  read(path: string, options?: ReadOptions): Promise<Uint8Array>
}
