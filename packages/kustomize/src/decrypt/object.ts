import type { KubeObject } from "@gitops-toolkit/kube"
import { setOwn } from "@gitops-toolkit/kube"
import { decryptDocuments, withoutBlock } from "./document.ts"
import type { Decryption } from "./document.ts"
import { booleanScalar, floatScalar, integerScalar, nullScalar, stringScalar, textOfScalar } from "./scalar.ts"
import type { Scalar } from "./scalar.ts"
import { checkNesting, createMap, memberOf } from "./tree.ts"
import type { SopsMap, SopsNode } from "./tree.ts"

/** The object, whose `sops` block is its metadata, decrypted and without the block. */
export async function decryptWholeObject(object: KubeObject, decryption: Decryption): Promise<KubeObject> {
  const root = readValue(object, 0) as SopsMap
  const document = withoutBlock(root)
  await decryptDocuments([document], memberOf(root, "sops")!, decryption)
  return valueOf(document) as KubeObject
}

function readValue(value: unknown, depth: number): SopsNode {
  checkNesting(depth)
  if (Array.isArray(value)) return { kind: "list", items: value.map((item) => readValue(item, depth + 1)) }
  if (typeof value !== "object" || value === null) return { kind: "leaf", value: readPrimitive(value) }
  const entries = Object.entries(value).filter(([, member]) => member !== undefined)
  return createMap(entries.map(([key, member]) => ({ key, value: readValue(member, depth + 1) })))
}

function readPrimitive(value: unknown): Scalar {
  if (typeof value === "string") return stringScalar(value)
  if (typeof value === "boolean") return booleanScalar(value)
  if (typeof value === "bigint") return integerScalar(value)
  if (typeof value !== "number") return nullScalar
  return Number.isInteger(value) ? integerScalar(BigInt(value)) : floatScalar(value)
}

function valueOf(node: SopsNode): unknown {
  if (node.kind === "list") return node.items.map(valueOf)
  if (node.kind === "leaf") return primitiveOf(node.value)
  const map: { [key: string]: unknown } = {}
  for (const { key, value } of node.entries) setOwn(map, key, valueOf(value))
  return map
}

function primitiveOf(value: Scalar): unknown {
  const text = textOfScalar(value) ?? value.bytes.toString()
  if (value.type === "null") return null
  if (value.type === "bool") return text === "True"
  if (value.type === "float") return Number(text)
  if (value.type !== "int") return text
  return Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text)
}
