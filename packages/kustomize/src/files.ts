/** One member of a folder. */
export interface FileEntry {
  readonly name: string
  readonly type: "file" | "directory" | "symlink"
  /** Bytes of a file, if known. */
  readonly size?: number
  /** Where a link points, as written. */
  readonly target?: string
}

/**
 * The files that a build reads, wherever they are: `Artifact.files`, `memoryFiles` and `directoryFiles` of
 * `@gitops-toolkit/source` are such. Paths are relative to the root, with `/` between names; the root is `""`.
 */
export interface Files {
  /** Says that these files never change, as those of an artifact do not: a builder reads them no second time. */
  readonly immutable?: true
  /** The members of a folder. */
  list(path: string): Promise<readonly FileEntry[]>
  /** What is at a path itself, links not followed. Optional: where it is cheaper than listing the folder. */
  entry?(path: string): Promise<FileEntry | undefined>
  /** The bytes of a file; they are not changed. */
  read(path: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<Uint8Array>
}
