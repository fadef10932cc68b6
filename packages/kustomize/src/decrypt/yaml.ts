import { ManifestError, printYamlTree, readYamlTree } from "@gitops-toolkit/kube/manifest"
import type { YamlStyle, YamlTree } from "@gitops-toolkit/kube/manifest"
import { KustomizeError } from "../error.ts"
import { resolvePlain } from "../node/scalar.ts"
import { isEncryptedValue, openValue } from "./cipher.ts"
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

const tags: { readonly [type in Scalar["type"]]: string } = {
  str: "!!str",
  int: "!!int",
  float: "!!float",
  bool: "!!bool",
  time: "!!timestamp",
  null: "!!null",
}

/** Writes a value as go-yaml v3 writes Go's. */
function writeScalar(tree: YamlTree, value: Scalar): void {
  tree.tag = tags[value.type]
  tree.tagged = false
  const text = textOfScalar(value)
  if (text === undefined) {
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
const unfitForBlock = / \n| $|[\0-\x08\v-\x1f\x7f\ufeff]/

function styleOf(text: string): YamlStyle {
  if (text.includes("\n")) return unfitForBlock.test(text) ? "double" : "literal"
  return resolvePlain(text).tag === "!!str" && !formerlyOther.test(text) ? "plain" : "double"
}

function printDocument({ text, tree }: Document, dataKey: Uint8Array): string {
  const items = [...pairsOf(tree!)].filter(([key]) => key.value !== "sops").flat()
  decryptComments({ ...tree!, items }, dataKey, [])
  const body = printYamlTree({ ...tree!, items })
  return text.startsWith("---") ? `---\n${body}` : body
}

/** Comments are encrypted one by one, with the path of the collection that they stand in; the MAC leaves them out. */
function decryptComments(tree: YamlTree, dataKey: Uint8Array, path: readonly string[]): void {
  for (const place of ["head", "line", "foot"] as const) {
    const comment = tree[place]
    if (comment?.includes("ENC[") === true) tree[place] = decryptLines(comment, dataKey, path)
  }
  if (tree.kind === "list") for (const item of tree.items) decryptComments(item, dataKey, path)
  if (tree.kind !== "map") return
  for (const [key, value] of pairsOf(tree)) {
    decryptComments(key, dataKey, path)
    decryptComments(value, dataKey, [...path, key.value])
  }
}

const decryptLines = (comment: string, dataKey: Uint8Array, path: readonly string[]): string =>
  comment
    .split("\n")
    .map((line) => decryptComment(line, dataKey, path))
    .join("\n")

/** A comment line that cannot be decrypted stays as it is, as with SOPS: it is still encrypted. */
export function decryptComment(line: string, dataKey: Uint8Array, path: readonly string[]): string {
  const text = line.slice(1)
  if (!isEncryptedValue(text)) return line
  try {
    const { type, bytes } = openValue(text, dataKey, additionalDataOf(path))
    return type === "comment" && !/[\r\n]/.test(bytes.toString()) ? `#${bytes.toString()}` : line
  } catch (error) {
    if (error instanceof KustomizeError) return line
    throw error
  }
}
