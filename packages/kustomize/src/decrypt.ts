import type { KubeObject } from "@gitops-toolkit/kube"
import { refOf } from "@gitops-toolkit/kube"
import { decryptBytes, mayBeEncrypted } from "./decrypt/bytes.ts"
import { createKeyRing } from "./decrypt/data-key.ts"
import type { Decryption } from "./decrypt/document.ts"
import { decryptWholeObject } from "./decrypt/object.ts"
import { KustomizeError } from "./error.ts"
import type { FileEntry, Files } from "./files.ts"

/** Options of `decryptFiles` and `decryptObject`. */
export interface DecryptOptions {
  /** Secret keys of age: `AGE-SECRET-KEY-1…`, or the content of a key file each. They appear in no error. */
  readonly ageIdentities: readonly string[]
  readonly signal?: AbortSignal
  readonly limits?: DecryptLimits
}

/** Bounds of decryption. Beyond them it fails with `LimitExceeded`. */
export interface DecryptLimits {
  /** Bytes of one encrypted file or object's text; default 5 MiB, as with Flux. Files that are not encrypted may be larger. */
  readonly fileBytes?: number
}

const defaultFileBytes = 5 * 1024 * 1024

/**
 * The same files, where those that SOPS encrypted are decrypted when they are read: manifests, the files and variables
 * of generators, patches. Hand the view to `build`. Other files pass as they are, byte for byte, and so do objects with
 * the annotation `kustomize.toolkit.fluxcd.io/decrypt: disabled`. A file is decrypted whole or not at all.
 *
 * The MAC of every file is verified: nothing in it was changed, added, removed or moved. (Flux does not verify it.) What
 * was encrypted for age is supported, in YAML, JSON, dotenv and binary form; it needs the package `age-encryption`.
 *
 * `read` throws `KustomizeError` with the file in `at`: `NoDecryptionKey`, `UnsupportedKeyType`, `MacMismatch`,
 * `DecryptionFailed`, `InvalidSops`, `InvalidIdentity`, `NotSupported`, `LimitExceeded`; never with a secret in it.
 *
 * @example
 * const { objects } = await build(decryptFiles(files, { ageIdentities: [key] }), "apps")
 */
export function decryptFiles(files: Files, options: DecryptOptions): Files {
  const decryption = { keys: createKeyRing(options.ageIdentities, options.signal), verify: true }
  // What a source gives twice is decrypted once; bytes that nobody holds any more are forgotten.
  const known = new WeakMap<Uint8Array, Promise<Uint8Array>>()
  const view: Files = {
    list: async (path) => (await files.list(path)).map(withoutSize),
    async read(path, readOptions) {
      const bytes = await files.read(path, readOptions)
      if (!mayBeEncrypted(bytes)) return bytes
      let decrypted = known.get(bytes)
      if (decrypted === undefined) {
        decrypted = decryptFile(bytes, path, { ...options, decryption })
        known.set(bytes, decrypted)
      }
      return decrypted
    },
  }
  if (files.entry === undefined) return view
  return {
    ...view,
    async entry(path) {
      const entry = await files.entry!(path)
      return entry === undefined ? undefined : withoutSize(entry)
    },
  }
}

/** The size is that of the ciphertext. */
function withoutSize({ name, type, target }: FileEntry): FileEntry {
  return { name, type, ...(target === undefined ? {} : { target }) }
}

interface Running extends DecryptOptions {
  readonly decryption: Decryption
}

async function decryptFile(bytes: Uint8Array, path: string, { limits, decryption }: Running): Promise<Uint8Array> {
  try {
    checkSize(bytes.byteLength, limits)
    return await decryptBytes(bytes, path.slice(path.lastIndexOf("/") + 1), decryption)
  } catch (error) {
    if (!(error instanceof KustomizeError)) throw error
    const { code, rawMessage, cause } = error
    throw new KustomizeError(code, `${path}: ${rawMessage}`, { at: { path }, cause })
  }
}

function checkSize(bytes: number, limits: DecryptLimits = {}): void {
  const limit = limits.fileBytes ?? defaultFileBytes
  if (bytes > limit) throw new KustomizeError("LimitExceeded", `encrypted, and larger than ${limit} bytes`)
}

/**
 * True when an object still bears the mark of SOPS: applied as it is, its fields would hold ciphertext.
 *
 * @example
 * isEncrypted({ apiVersion: "v1", kind: "Secret", metadata: { name: "a" }, data: {} })   // false
 */
export function isEncrypted(object: KubeObject): boolean {
  const { sops } = object as { readonly sops?: unknown }
  return typeof sops === "object" && sops !== null && typeof (sops as { readonly mac?: unknown }).mac === "string"
}

/** Options of `decryptObject`. */
export interface DecryptObjectOptions extends DecryptOptions {
  /**
   * `verify` (default): the object must be as it was encrypted, its keys in the same order. `ignore`: for objects that a
   * build has changed since, as Flux does; every encrypted value is still bound to its place, but what stands in clear
   * beside it is not.
   */
  readonly mac?: "verify" | "ignore"
}

/**
 * The object decrypted and without its `sops` block; the object itself where nothing is encrypted or its annotation
 * `kustomize.toolkit.fluxcd.io/decrypt` is `disabled`. In a Secret, each value of `data` that is itself a file which
 * SOPS encrypted is decrypted too; its key's ending tells the format, and its MAC is always verified.
 *
 * Prefer `decryptFiles` before a build: there the MAC of every file can be verified. Throws as it does, with the object
 * as `ref`.
 *
 * @example
 * const secret = await decryptObject(object, { ageIdentities: [key] })
 */
export async function decryptObject(object: KubeObject, options: DecryptObjectOptions): Promise<KubeObject> {
  if (object.metadata.annotations?.["kustomize.toolkit.fluxcd.io/decrypt"] === "disabled") return object
  const keys = createKeyRing(options.ageIdentities, options.signal)
  try {
    const whole = isEncrypted(object)
      ? await decryptWholeObject(object, { keys, verify: options.mac !== "ignore" })
      : object
    return await decryptData(whole, { ...options, decryption: { keys, verify: true } })
  } catch (error) {
    if (!(error instanceof KustomizeError)) throw error
    const { code, rawMessage, cause } = error
    const { kind, metadata } = object
    throw new KustomizeError(code, `${kind}/${metadata.name ?? ""}: ${rawMessage}`, { ref: refOf(object), cause })
  }
}

async function decryptData(object: KubeObject, { limits, decryption }: Running): Promise<KubeObject> {
  const { data } = object as { readonly data?: unknown }
  if (object.kind !== "Secret" || object.apiVersion !== "v1" || typeof data !== "object" || data === null) return object
  const entries: [string, unknown][] = []
  let changed = false
  for (const [key, value] of Object.entries(data as { readonly [key: string]: unknown })) {
    const bytes = typeof value === "string" ? Buffer.from(value, "base64") : Buffer.alloc(0)
    const encrypted = mayBeEncrypted(bytes)
    if (encrypted) checkSize(bytes.byteLength, limits)
    const decrypted = encrypted ? await decryptBytes(bytes, key, decryption) : bytes
    changed ||= decrypted !== bytes
    entries.push([key, decrypted === bytes ? value : Buffer.from(decrypted).toString("base64")])
  }
  return changed ? { ...object, data: Object.fromEntries(entries) } : object
}
