import type { KeyRing } from "./data-key.ts"
import { readMetadata } from "./metadata.ts"
import { decryptTree } from "./reveal.ts"
import { createMap, memberOf, stringAt } from "./tree.ts"
import type { SopsMap, SopsNode } from "./tree.ts"

/** The `sops` block of a document that SOPS encrypted; absent for others. */
export function sopsBlockOf(root: SopsNode | undefined): SopsNode | undefined {
  const block = memberOf(root, "sops")
  return stringAt(memberOf(block, "mac")) === undefined ? undefined : block
}

/** The document without its `sops` block. */
export const withoutBlock = ({ entries }: SopsMap): SopsMap => createMap(entries.filter(({ key }) => key !== "sops"))

/** What decrypts documents: the keys, and whether the MAC has to fit. */
export interface Decryption {
  readonly keys: KeyRing
  readonly verify: boolean
}

/** Decrypts the documents of one file in place; they share the metadata of `block` and are without it themselves. Returns the data key. */
export async function decryptDocuments(
  documents: readonly SopsMap[],
  block: SopsNode,
  { keys, verify }: Decryption,
): Promise<Uint8Array> {
  const metadata = readMetadata(block)
  const dataKey = await keys.dataKeyOf(metadata)
  decryptTree(documents, metadata, { dataKey, verify })
  return dataKey
}
