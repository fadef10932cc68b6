import { fail } from "../error.ts"
import { refold } from "./fold.ts"
import { isFlow, isFolded, isList, isScalarNode, repeatedIn, setField, tagOf, textOf } from "./node.ts"
import type { ListNode, MapNode, Node, OwnMap, ScalarNode } from "./node.ts"
import { withElement, withField } from "./own.ts"
import { plainScalar, resolvePlain } from "./scalar.ts"

/** A node whose scalars are all plain values. */
export type PlainNode = string | number | bigint | boolean | null | PlainNode[] | { [field: string]: PlainNode }

/** How a node is resolved. */
export interface ResolveOptions {
  /** True when nothing below what is frozen is to be resolved; default false. */
  readonly frozenIsPlain?: boolean
  /** Freezes the result; default false. */
  readonly freezes?: boolean
}

/**
 * The value that the output has for a node: `0x10` becomes 16, a date a time, 1.0 a 1. Maps and lists are the same ones
 * where they are ours to change. Throws where a text does not fit its tag, for a key that stands twice, and for
 * infinities, which JSON cannot hold.
 */
export function resolveNode(node: Node, options: ResolveOptions = {}): PlainNode {
  if (typeof node !== "object" || node === null) return node
  if (isScalarNode(node)) return resolveScalar(node)
  if (Object.isFrozen(node)) return options.frozenIsPlain === true ? (node as PlainNode) : resolveFrozen(node)
  const result = resolveCollection(node as MapNode | ListNode, options)
  if (options.freezes === true) Object.freeze(result)
  return result
}

/** What frozen nodes resolve to, for the next build that has them. */
const resolved = new WeakMap<object, PlainNode>()

function resolveFrozen(node: object): PlainNode {
  let result = resolved.get(node)
  if (result === undefined) {
    result = Object.freeze(resolveCollection(node as MapNode | ListNode, { freezes: true })) as PlainNode
    resolved.set(node, result)
  }
  return result
}

const resolveCollection = (node: MapNode | ListNode, options: ResolveOptions): PlainNode =>
  isList(node) ? resolveList(node, options) : resolveMap(node, options)

function resolveMap(node: MapNode, options: ResolveOptions): PlainNode {
  const repeated = repeatedIn(node)?.at(-1)
  if (repeated !== undefined) fail(`the key on line ${repeated.line} is already defined`)
  let result = node
  const names = Object.keys(node)
  for (let i = 0; i < names.length; i++) {
    const value = node[names[i]!]!
    if (typeof value !== "object" || value === null) continue
    const next = resolveIn(node, value, options)
    if (next !== value) result = withField(result, names[i]!, next as Node)
  }
  return result as { [field: string]: PlainNode }
}

function resolveList(node: ListNode, options: ResolveOptions): PlainNode {
  let result = node
  for (let i = 0; i < node.length; i++) {
    const value = node[i]!
    if (typeof value === "object" && value !== null)
      result = withElement(result, i, resolveIn(node, value, options) as Node)
  }
  return result as PlainNode[]
}

/** In brackets go-yaml writes what has a colon in quotes, so that a time is read back as a text. */
function resolveIn(holder: MapNode | ListNode, value: Node, options: ResolveOptions): PlainNode {
  const plain = resolveNode(value, options)
  const isTime = typeof plain === "string" && tagOf(value) === "!!timestamp" && textOf(value).includes(":")
  return isTime && isFlow(holder) ? textOf(value) : plain
}

function resolveScalar(node: ScalarNode): PlainNode {
  const text = textOf(node)
  const { tag, value } = resolvePlain(text)
  if (tag === "!!float" && typeof value === "string") fail(`json: unsupported value: ${text}`)
  switch (tagOf(node)) {
    case "!!binary":
      return Buffer.from(text, "base64").toString("utf8")
    case "!!float":
      // Go reads no unsigned integer as a float, and no float as an integer.
      if (tag === "!!int" && (value as number | bigint) < 1n << 63n) return Number(value)
      break
    case "!!str":
      return isFolded(node) ? refold(text) : text
    case "":
      return value
    case "!!merge":
      return text
    default:
  }
  if (tag !== tagOf(node)) fail(`cannot decode a ${tag} as a ${tagOf(node)}`)
  return value
}

/** A number as Go prints a float with the fewest digits: the exponent form below 1e-4 and from 1e6 up. */
export function formatGoFloat(value: number): string {
  const [mantissa = "", exponent = "0"] = value.toExponential().split("e")
  const power = Number(exponent)
  if (power >= -4 && power < 6) return String(value)
  return `${mantissa}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`
}

/**
 * A JSON value as the nodes that kustomize has after a JSON patch: every number has been a double, so the long ones have
 * lost digits and are written with an exponent.
 */
export function nodeOfJson(value: PlainNode): Node {
  if (typeof value === "bigint") return nodeOfJson(Number(value))
  if (typeof value === "number")
    return Math.abs(value) < 1e6 && Number.isInteger(value) ? value : plainScalar(formatGoFloat(value))
  if (typeof value !== "object" || value === null) return value
  if (Array.isArray(value)) return value.map(nodeOfJson)
  const map: OwnMap = {}
  for (const name of Object.keys(value)) setField(map, name, nodeOfJson(value[name]!))
  return map
}
