/** How much a repository may send and hold. Everything is checked before memory is taken. */
export interface GitLimits {
  /** Bytes of one pack on the wire; default 512 MiB. */
  readonly packBytes: number
  /** Objects in one pack; default 500 000. */
  readonly objects: number
  /** Bytes of one object; default 64 MiB. */
  readonly objectBytes: number
  /** Bytes of all objects of one pack, unpacked; default 1 GiB. */
  readonly totalBytes: number
  /** Length of a chain of deltas; default 4095, git's own bound. */
  readonly deltaDepth: number
  /** Files and folders in one artifact; default 200 000. */
  readonly entries: number
  /** Folders within folders; default 128. */
  readonly treeDepth: number
  /** Bytes of a list of refs; default 64 MiB. */
  readonly refBytes: number
}

const mebi = 1024 * 1024

/** The bounds that hold when none are given. */
export const defaultLimits: GitLimits = {
  packBytes: 512 * mebi,
  objects: 500_000,
  objectBytes: 64 * mebi,
  totalBytes: 1024 * mebi,
  deltaDepth: 4095,
  entries: 200_000,
  treeDepth: 128,
  refBytes: 64 * mebi,
}
