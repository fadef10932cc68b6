import { parseJson } from "@gitops-toolkit/kube"
import { KustomizeError } from "../error.ts"
import { decryptDocuments, sopsBlockOf, withoutBlock } from "./document.ts"
import type { Decryption } from "./document.ts"
import { booleanScalar, floatScalar, nullScalar, stringScalar, textOfScalar } from "./scalar.ts"
import { checkNesting, createMap } from "./tree.ts"
import type { SopsLeaf, SopsMap, SopsNode } from "./tree.ts"

/**
 * The bytes of a JSON file that SOPS encrypted, decrypted; absent when SOPS did not encrypt it. Written as SOPS writes
 * it: indented by tabs, keys in their order.
 *
 * With `binary`, a file that holds nothing but `data` stands for the bytes of a file that is no JSON itself.
 */
export async function decryptJson(
  text: string,
  decryption: Decryption,
  { binary }: { readonly binary: boolean },
): Promise<Buffer | undefined> {
  const root = readJson(text)
  const block = sopsBlockOf(root)
  if (root.kind !== "map" || block === undefined) return undefined
  const document = withoutBlock(root)
  await decryptDocuments([document], block, decryption)
  return (binary ? bytesOfBinary(document) : undefined) ?? Buffer.from(`${printNode(document, "\n")}\n`)
}

function bytesOfBinary({ entries }: SopsMap): Buffer | undefined {
  const value = entries.length === 1 && entries[0]!.key === "data" ? entries[0]!.value : undefined
  return value?.kind === "leaf" && value.value.type === "str" ? value.value.bytes : undefined
}

const tokens = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g

interface Reader {
  readonly tokens: readonly string[]
  index: number
}

/** JSON with its keys in their order: JavaScript's objects move keys that look like indices to the front. */
function readJson(text: string): SopsNode {
  try {
    parseJson(text)
  } catch (cause) {
    throw new KustomizeError("InvalidSops", "an encrypted JSON file is no JSON", { cause })
  }
  return readNode({ tokens: text.match(tokens) ?? [], index: 0 }, 0)
}

function readNode(reader: Reader, depth: number): SopsNode {
  checkNesting(depth)
  const token = reader.tokens[reader.index++]!
  if (token === "{") return readMap(reader, depth)
  if (token === "[") return readList(reader, depth)
  return readLeaf(token)
}

function readMap(reader: Reader, depth: number): SopsMap {
  const entries: { key: string; value: SopsNode }[] = []
  while (reader.tokens[reader.index] !== "}") {
    if (reader.tokens[reader.index] === ",") reader.index++
    const key = JSON.parse(reader.tokens[reader.index]!) as string
    reader.index += 2
    entries.push({ key, value: readNode(reader, depth + 1) })
  }
  reader.index++
  return createMap(entries)
}

function readList(reader: Reader, depth: number): SopsNode {
  const items: SopsNode[] = []
  while (reader.tokens[reader.index] !== "]") {
    if (reader.tokens[reader.index] === ",") reader.index++
    items.push(readNode(reader, depth + 1))
  }
  reader.index++
  return { kind: "list", items }
}

function readLeaf(token: string): SopsLeaf {
  const value: unknown = JSON.parse(token)
  if (typeof value === "string") return { kind: "leaf", value: stringScalar(value) }
  if (typeof value === "boolean") return { kind: "leaf", value: booleanScalar(value) }
  // SOPS reads every number of a JSON file as a double.
  return { kind: "leaf", value: value === null ? nullScalar : floatScalar(Number(value)) }
}

function printNode(node: SopsNode, line: string): string {
  if (node.kind === "leaf") return printLeaf(node)
  const inner = `${line}\t`
  const parts =
    node.kind === "list"
      ? node.items.map((item) => printNode(item, inner))
      : node.entries.map(({ key, value }) => `${quote(key)}: ${printNode(value, inner)}`)
  const [open, close] = node.kind === "list" ? ["[", "]"] : ["{", "}"]
  return parts.length === 0 ? open + close : `${open}${inner}${parts.join(`,${inner}`)}${line}${close}`
}

function printLeaf({ value }: SopsLeaf): string {
  const text = textOfScalar(value) ?? value.bytes.toString()
  if (value.type === "null") return "null"
  if (value.type === "bool") return text.toLowerCase()
  if (value.type === "float") return String(Number(text))
  return value.type === "int" ? text : quote(text)
}

/** A string as Go writes it: these five characters, which mean something to HTML or JavaScript, are escaped. */
const quote = (text: string): string =>
  JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  )
