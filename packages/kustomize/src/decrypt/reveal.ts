import { createHash, timingSafeEqual } from "node:crypto"
import { KustomizeError } from "../error.ts"
import { decryptScalar, openValue } from "./cipher.ts"
import type { Metadata } from "./metadata.ts"
import { textOfScalar } from "./scalar.ts"
import type { Scalar } from "./scalar.ts"
import { additionalDataOf } from "./tree.ts"
import type { SopsLeaf, SopsList, SopsNode } from "./tree.ts"

// So that a MAC over encrypted values only never equals one over all values (a constant of SOPS).
const macOnlyEncryptedPrefix = Buffer.from("8a3fd2ad54ce66527b1034f3d147be0b0b975b3bf44f72c6fdadec8176f27d69", "hex")

interface Walk {
  readonly metadata: Metadata
  readonly dataKey: Uint8Array
  readonly path: string[]
  /** Whether a key on the path fits the rule that says what is encrypted. */
  matched: boolean
  add(bytes: Uint8Array): void
}

/**
 * Decrypts the documents of one file in place: every value that the metadata's rule says is encrypted. With `verify`,
 * ensures that the MAC over the values is the one that the metadata holds.
 *
 * Throws `InvalidSops` for a value that should be encrypted and is not, `DecryptionFailed` for one that was changed or
 * moved, `MacMismatch` when another value was changed, added, removed or moved.
 */
export function decryptTree(
  documents: readonly SopsNode[],
  metadata: Metadata,
  { dataKey, verify }: { readonly dataKey: Uint8Array; readonly verify: boolean },
): void {
  const hash = createHash("sha512")
  if (metadata.macOnlyEncrypted) hash.update(macOnlyEncryptedPrefix)
  const walk: Walk = { metadata, dataKey, path: [], matched: false, add: (bytes) => hash.update(bytes) }
  for (const document of documents) visit(document, walk)
  if (verify) checkMac(hash.digest("hex").toUpperCase(), metadata, dataKey)
}

function visit(node: SopsNode, walk: Walk): void {
  if (node.kind === "list") visitList(node, walk)
  else if (node.kind === "leaf") visitLeaf(node, walk)
  else {
    for (const { key, value } of node.entries) {
      const before = walk.matched
      walk.matched = before || walk.metadata.rule.fits(key)
      walk.path.push(key)
      visit(value, walk)
      if (isComment(value)) throw new KustomizeError("InvalidSops", "an encrypted comment stands in a value's place")
      walk.path.pop()
      walk.matched = before
    }
  }
}

const isComment = (node: SopsNode): boolean => node.kind === "leaf" && node.value.type === "comment"

// SOPS encrypts a comment inside a list as if it were a member.
function visitList(list: SopsList, walk: Walk): void {
  for (const item of list.items) visit(item, walk)
  if (list.items.some(isComment)) list.items = list.items.filter((item) => !isComment(item))
}

function visitLeaf(leaf: SopsLeaf, { metadata, dataKey, path, matched, add }: Walk): void {
  if (leaf.value.type === "null") return
  const encrypted = matched === metadata.rule.encrypts
  if (encrypted) {
    leaf.value = decryptLeaf(leaf, dataKey, path)
    leaf.onDecrypt?.(leaf.value)
  }
  // The MAC leaves comments out.
  if (leaf.value.type !== "comment" && (encrypted || !metadata.macOnlyEncrypted)) add(leaf.value.bytes)
}

function decryptLeaf({ value }: SopsLeaf, dataKey: Uint8Array, path: readonly string[]): Scalar {
  try {
    const text = value.type === "str" ? textOfScalar(value) : undefined
    if (text === undefined) throw new KustomizeError("InvalidSops", "a value that should be encrypted is not")
    return decryptScalar(text, dataKey, additionalDataOf(path))
  } catch (error) {
    if (!(error instanceof KustomizeError)) throw error
    throw new KustomizeError(error.code, `${path.join(".")}: ${error.rawMessage}`, { cause: error })
  }
}

function checkMac(computed: string, { mac, lastModified }: Metadata, dataKey: Uint8Array): void {
  const stored = openValue(mac, dataKey, lastModified).bytes
  const expected = Buffer.from(computed)
  if (stored.byteLength !== expected.byteLength || !timingSafeEqual(stored, expected)) {
    throw new KustomizeError("MacMismatch", "values were changed, added, removed or moved since the file was encrypted")
  }
}
