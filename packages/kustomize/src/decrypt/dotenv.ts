import { KustomizeError } from "../error.ts"
import { decryptDocuments, sopsBlockOf } from "./document.ts"
import type { Decryption } from "./document.ts"
import { stringScalar } from "./scalar.ts"
import { createMap } from "./tree.ts"
import type { SopsLeaf, SopsMap, SopsNode } from "./tree.ts"
import { decryptComment } from "./yaml.ts"

interface Variable {
  readonly name: string
  readonly leaf: SopsLeaf
}

const prefix = "sops_"

/** A dotenv file that SOPS encrypted, decrypted: comments and variables in their order. Absent when SOPS did not encrypt it. */
export async function decryptDotenv(text: string, decryption: Decryption): Promise<Buffer | undefined> {
  const lines = text.split("\n").filter((line) => line !== "")
  const variables = lines.map((line) => (line.startsWith("#") ? line : readVariable(line)))
  const named = variables.filter((line) => typeof line !== "string")
  const metadata = named.filter(({ name }) => name.startsWith(prefix))
  const block = unflatten(metadata.map(({ name, leaf }) => ({ name: name.slice(prefix.length), leaf })))
  if (sopsBlockOf(createMap([{ key: "sops", value: block }])) === undefined) return undefined
  const kept = variables.filter((line) => typeof line === "string" || !line.name.startsWith(prefix))
  const entries = kept.flatMap((line) => (typeof line === "string" ? [] : [{ key: line.name, value: line.leaf }]))
  const dataKey = await decryptDocuments([createMap(entries)], block, decryption)
  return Buffer.concat(kept.map((line) => printLine(line, dataKey)))
}

function readVariable(line: string): Variable {
  const equals = line.indexOf("=")
  if (equals === -1) throw new KustomizeError("InvalidSops", "an encrypted dotenv file has a line without '='")
  const value = line.slice(equals + 1).replaceAll("\\n", "\n")
  return { name: line.slice(0, equals), leaf: { kind: "leaf", value: stringScalar(value) } }
}

function printLine(line: string | Variable, dataKey: Uint8Array): Buffer {
  if (typeof line === "string") return Buffer.from(`${decryptComment(line, dataKey, [])}\n`)
  const { bytes } = line.leaf.value
  const text = bytes.includes("\n") ? Buffer.from(bytes.toString("latin1").replaceAll("\n", "\\n"), "latin1") : bytes
  return Buffer.concat([Buffer.from(`${line.name}=`), text, Buffer.from("\n")])
}

const listEntry = /^(\w+?)__list_(\d{1,4})__(?:map_)?(\w+)$/

// The keys of a group are lists in a list.
const maxDepth = 2

/** The `sops` block from names such as `age__list_0__map_enc`. */
function unflatten(variables: readonly Variable[], depth = 0): SopsMap {
  const plain: { key: string; value: SopsNode }[] = []
  const lists = new Map<string, Map<number, Variable[]>>()
  for (const { name, leaf } of variables) {
    const [, list, index, key] = (depth < maxDepth && listEntry.exec(name)) || []
    if (list === undefined || key === undefined) {
      plain.push({ key: name, value: leaf })
      continue
    }
    const items = lists.get(list) ?? new Map<number, Variable[]>()
    lists.set(list, items)
    items.set(Number(index), [...(items.get(Number(index)) ?? []), { name: key, leaf }])
  }
  for (const [key, items] of lists)
    plain.push({ key, value: { kind: "list", items: [...items.values()].map((item) => unflatten(item, depth + 1)) } })
  return createMap(plain)
}
