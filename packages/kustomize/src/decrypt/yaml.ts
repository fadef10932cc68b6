import { ManifestError, readYamlTree } from "@gitops-toolkit/kube/manifest"
import type { YamlStyle, YamlTree } from "@gitops-toolkit/kube/manifest"
import { KustomizeError } from "../error.ts"
import { resolvePlain } from "../node/scalar.ts"
import { isEncryptedValue, openValue } from "./cipher.ts"
import { printSopsYaml } from "./print-yaml.ts"
import { decryptDocuments, sopsBlockOf, withoutBlock } from "./document.ts"
import type { Decryption } from "./document.ts"
import {
  booleanScalar,
  floatScalar,
  integerScalar,
  nullScalar,
  stringScalar,
  textOfScalar,
  timeScalar,
} from "./scalar.ts"
import type { Scalar } from "./scalar.ts"
import { additionalDataOf, checkNesting, createMap, memberOf, stringAt } from "./tree.ts"
import type { SopsMap, SopsNode } from "./tree.ts"

/** One document of a YAML text: its own text, and its nodes where SOPS encrypted it. */
interface Document {
  text: string
  readonly tree?: YamlTree
  readonly root?: SopsMap
  readonly block?: SopsNode
}

/**
 * The text with every document decrypted that SOPS encrypted; the bytes of other documents stay as they are. Documents
 * that SOPS encrypted as one file share a MAC; those put into one file later have their own. Comments stay.
 */
export async function decryptYaml(text: string, decryption: Decryption): Promise<string> {
  const documents = text.split(/^(?=---(?:[ \t\r]|$))/m).map(readDocument)
  const files = Map.groupBy(
    documents.filter(({ block }) => block !== undefined),
    ({ block }) => stringAt(memberOf(block, "mac")),
  )
  for (const members of files.values()) {
    const roots = members.map(({ root }) => withoutBlock(root!))
    const dataKey = await decryptDocuments(roots, members[0]!.block!, decryption)
    for (const document of members) document.text = printDocument(document, dataKey)
  }
  return documents.map((document) => document.text).join("")
}

function readDocument(text: string): Document {
  if (!text.includes("sops") || !text.includes("ENC[")) return { text }
  const tree = readTree(text)
  if (tree?.kind !== "map" || !tree.items.some(({ value }) => value === "sops")) return { text }
  const root = readNode(tree, 0) as SopsMap
  const block = sopsBlockOf(root)
  return block === undefined || isOptedOut(root) ? { text } : { text, tree, root, block }
}

const optOut = "kustomize.toolkit.fluxcd.io/decrypt"

const isOptedOut = (root: SopsMap): boolean =>
  stringAt(memberOf(memberOf(memberOf(root, "metadata"), "annotations"), optOut)) === "disabled"

function readTree(text: string): YamlTree | undefined {
  try {
    return readYamlTree(text)
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error
    const code = error.code === "LimitExceeded" ? "LimitExceeded" : "InvalidYaml"
    throw new KustomizeError(code, error.rawMessage, { cause: error })
  }
}

function readNode(tree: YamlTree, depth: number): SopsNode {
  checkNesting(depth)
  if (tree.kind === "scalar") {
    return { kind: "leaf", value: readYamlScalar(tree), onDecrypt: (value) => writeScalar(tree, value) }
  }
  if (tree.kind === "list") return { kind: "list", items: tree.items.map((item) => readNode(item, depth + 1)) }
  if (tree.kind === "alias")
    throw new KustomizeError("NotSupported", "encrypted files with YAML aliases are not supported")
  return createMap([...pairsOf(tree)].map(([key, value]) => ({ key: keyOf(key), value: readNode(value, depth + 1) })))
}

function* pairsOf({ items }: YamlTree): Generator<[YamlTree, YamlTree]> {
  for (let index = 0; index < items.length; index += 2) yield [items[index]!, items[index + 1]!]
}

function keyOf(tree: YamlTree): string {
  if (tree.kind === "scalar" && tree.tag === "!!str") return tree.value
  throw new KustomizeError("InvalidSops", "an encrypted file has a key that is no string")
}

function readYamlScalar({ style, tagged, tag, value }: YamlTree): Scalar {
  if (tag === "!!str" || (!tagged && style !== "plain")) return stringScalar(value)
  if (tag === "!!binary") return { type: "str", bytes: Buffer.from(value, "base64") }
  const resolved = resolvePlain(value)
  if (resolved.tag !== tag)
    throw new KustomizeError("InvalidSops", "an encrypted file has a value that does not fit its tag")
  if (resolved.value === null) return nullScalar
  if (typeof resolved.value === "boolean") return booleanScalar(resolved.value)
  if (tag === "!!timestamp") return timeScalar(String(resolved.value))
  if (tag === "!!float") return floatScalar(typeof resolved.value === "number" ? resolved.value : infinityOf(value))
  if (typeof resolved.value === "string") return stringScalar(value)
  return integerScalar(resolved.value)
}

const infinityOf = (text: string): number =>
  /nan/i.test(text) ? Number.NaN : text.startsWith("-") ? -Infinity : Infinity

/** Marks a member of a list that was a comment when the list was encrypted. */
const commentTag = "!sops-comment"

/** Writes a value as go-yaml v3 writes Go's. */
function writeScalar(tree: YamlTree, value: Scalar): void {
  tree.tag = value.type === "str" ? "!!str" : ""
  tree.tagged = false
  const text = textOfScalar(value)
  if (value.type === "comment") Object.assign(tree, { tag: commentTag, value: text ?? "" })
  else if (text === undefined) {
    Object.assign(tree, { tag: "!!binary", tagged: true, style: "plain", value: value.bytes.toString("base64") })
  } else if (value.type === "str") Object.assign(tree, { value: text, style: styleOf(text) })
  else Object.assign(tree, { value: plainText(value.type, text), style: "plain" })
}

function plainText(type: Scalar["type"], text: string): string {
  if (type === "bool") return text.toLowerCase()
  return type === "float" ? printFloat(text) : text
}

/** As Go's `%g` writes it: with an exponent (of two digits) where that is below -4 or above 5. */
function printFloat(text: string): string {
  const special = { NaN: ".nan", "+Inf": ".inf", "-Inf": "-.inf" }[text]
  if (special !== undefined) return special
  const [digits = "", exponent = "0"] = Number(text).toExponential().split("e")
  if (Number(exponent) >= -4 && Number(exponent) < 6) return text
  return `${digits}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`
}

// Words that YAML 1.1 read as booleans, and numbers to the base of 60: other readers would not take them for texts.
const formerlyOther = /^(?:[yYnN]|yes|Yes|YES|on|On|ON|no|No|NO|off|Off|OFF|[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?)$/
const unfitForBlock = / \n| $/
// What go-yaml does not print as it is.
const special = /[\0-\x08\v-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\u{10000}-\u{10ffff}]/u

function styleOf(text: string): YamlStyle {
  if (special.test(text)) return "double"
  if (text.includes("\n")) return unfitForBlock.test(text) ? "double" : "literal"
  return resolvePlain(text).tag === "!!str" && !formerlyOther.test(text) ? "plain" : "double"
}

function printDocument({ text, tree }: Document, dataKey: Uint8Array): string {
  const shown: YamlTree = { ...tree!, items: [] }
  for (const [key, value] of pairsOf(tree!)) {
    if (key.value !== "sops") shown.items.push(key, value)
    else if (key.head !== undefined)
      shown.foot = [key.head, ...(shown.foot === undefined ? [] : [shown.foot])].join("\n")
  }
  decryptComments(shown, dataKey, [])
  const body = printSopsYaml(shown)
  return text.startsWith("---") ? `---\n${body}` : body
}

/**
 * Comments are encrypted one by one, with the path of the collection that they stand in; the MAC leaves them out. To
 * which node one is counted is a matter of taste, so that any collection around it may be the one.
 */
function decryptComments(tree: YamlTree, dataKey: Uint8Array, path: readonly string[]): void {
  for (const place of ["head", "line", "foot"] as const) {
    const comment = tree[place]
    if (comment?.includes("ENC[") !== true) continue
    tree[place] = comment
      .split("\n")
      .map((line) => decryptComment(line, dataKey, path))
      .join("\n")
  }
  if (tree.kind === "list") {
    tree.items = membersOf(tree)
    for (const item of tree.items) decryptComments(item, dataKey, path)
  }
  if (tree.kind !== "map") return
  for (const [key, value] of pairsOf(tree)) {
    decryptComments(key, dataKey, [...path, key.value])
    decryptComments(value, dataKey, [...path, key.value])
  }
}

/** The members of a list that are none of comments; these stand above the next one, or below the last. */
function membersOf({ items }: YamlTree): YamlTree[] {
  const members: YamlTree[] = []
  let comments: string[] = []
  for (const item of items) {
    if (item.tag === commentTag) comments.push(...item.value.split(/\r?\n/).map((line) => `#${line}`))
    else {
      const head = [...comments, ...(item.head === undefined ? [] : [item.head])]
      members.push(head.length === 0 ? item : { ...item, head: head.join("\n") })
      comments = []
    }
  }
  const last = members.at(-1)
  if (last !== undefined && comments.length > 0)
    last.foot = [...(last.foot === undefined ? [] : [last.foot]), ...comments].join("\n")
  return members
}

/** A comment line that cannot be decrypted stays as it is, as with SOPS: it is still encrypted. */
export function decryptComment(line: string, dataKey: Uint8Array, path: readonly string[]): string {
  const text = line.slice(1)
  if (!isEncryptedValue(text)) return line
  for (let length = path.length; length >= 0; length--) {
    try {
      const { type, bytes } = openValue(text, dataKey, additionalDataOf(path.slice(0, length)))
      return type === "comment" && !/[\r\n]/.test(bytes.toString()) ? `#${bytes.toString()}` : line
    } catch (error) {
      if (!(error instanceof KustomizeError)) throw error
    }
  }
  return line
}
