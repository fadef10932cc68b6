import type { Files } from "./files.ts"

/** Options of an `ArtifactStore`'s methods. */
export interface StoreOptions {
  readonly signal?: AbortSignal | undefined
}

/** What a store keeps: files under the digest of their content. */
export interface StoredFiles {
  /** `sha256:…`, as `Artifact.digest` and `digestOf("")` give it. */
  readonly digest: string
  readonly files: Files
}

/**
 * Keeps artifacts by their digest, so that a restart or another replica need not fetch them. What is given back was
 * checked against its digest.
 */
export interface ArtifactStore {
  /** Keeps the files; does nothing when they are there. Throws `InvalidArchive` when the digest is not theirs. */
  put(artifact: StoredFiles, options?: StoreOptions): Promise<void>
  /** The files with this digest; undefined when they are not there, or no longer whole. */
  get(digest: string, options?: StoreOptions): Promise<Files | undefined>
  /** The digests that are there, the last used first. */
  list(options?: StoreOptions): Promise<readonly string[]>
  /** Forgets files; does nothing when they are not there. */
  delete(digest: string, options?: StoreOptions): Promise<void>
}
