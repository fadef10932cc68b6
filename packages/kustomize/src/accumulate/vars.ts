import type { FieldEdit, FieldSpec } from "../config/field-spec.ts"
import { applyFieldSpec, specsByKind } from "../config/field-spec.ts"
import { fail } from "../error.ts"
import type { Var } from "../kustomization.ts"
import { cloneNode, isList, isMap, isNull, isScalar, writeField, tagOf, textOf } from "../node/node.ts"
import type { Node } from "../node/node.ts"
import { own, withElement } from "../node/own.ts"
import { nodeAt, splitFieldPath } from "../node/path.ts"
import { resolveNode } from "../node/resolve.ts"
import { apiVersionOf, effectiveNamespace, parseApiVersion } from "../resource/resource-id.ts"
import type { Gvk, ResourceId } from "../resource/resource-id.ts"
import type { ResourceMap } from "../resource/resource-map.ts"
import { allIds, gvkOf, isGone } from "../resource/resource.ts"
import type { Resource } from "../resource/resource.ts"

/** Group, version and kind of a var's object. */
function gvkOfVar({ objref }: Var): Gvk {
  return objref.apiVersion === ""
    ? { group: objref.group, version: objref.version, kind: objref.kind }
    : { group: objref.group, ...definedOf(parseApiVersion(objref.apiVersion)), kind: objref.kind }
}

const definedOf = ({ group, version }: { group: string; version: string }): { group?: string; version: string } =>
  group === "" ? { version } : { group, version }

/** Remembers on the object that a var names that it is meant, since its name may change later. */
export function bindVars(map: ResourceMap, variable: Var): void {
  const { name, namespace } = variable.objref
  const wanted: ResourceId = { ...gvkOfVar(variable), name, namespace }
  const exact = namespace !== "" || map.scopes(apiVersionOf(wanted), wanted.kind)
  const matches = (id: ResourceId): boolean =>
    id.name === name &&
    id.group === wanted.group &&
    id.version === wanted.version &&
    id.kind === wanted.kind &&
    (!exact || effectiveNamespace(id, map.scopes) === effectiveNamespace(wanted, map.scopes))
  const found = map.resources.filter((resource) => !isGone(resource) && allIds(resource).some(matches))
  if (found.length > 1) fail(`found ${found.length} resId matches for var ${variable.name} (unable to disambiguate)`)
  const [meant] = found
  if (meant !== undefined) meant.varNames = [...meant.varNames, variable.name]
}

type VarValue = string | number | bigint | boolean

/** Puts the values of vars in the fields of the table. Returns the names that nobody used. */
export function resolveVars(
  map: ResourceMap,
  vars: ReadonlyMap<string, Var>,
  fieldSpecs: readonly FieldSpec[],
): string[] {
  if (vars.size === 0) return []
  const values = new Map<string, Node>()
  for (const name of [...vars.keys()].toSorted()) values.set(name, valueOfVar(map, vars.get(name)!))
  const used = new Set<string>()
  const replace = (text: string): Node => expand(text, values, used)
  const specsOf = specsByKind(fieldSpecs)
  const edit: FieldEdit = { writesTexts: true, set: (node) => expandNode(node, replace) }
  for (const resource of map.resources) {
    if (resource.node === undefined) continue
    for (const { path } of specsOf(gvkOf(resource))) applyFieldSpec(resource, { path }, edit)
  }
  return [...values.keys()].filter((name) => !used.has(name))
}

function valueOfVar(map: ResourceMap, variable: Var): Node {
  const resource = map.resources.find((candidate: Resource) => candidate.varNames.includes(variable.name))
  if (resource?.node === undefined)
    return fail(`var '${variable.name}' cannot be mapped to a field in the set of known resources`)
  const path = variable.fieldref.fieldPath || "metadata.name"
  const node = nodeAt(resource.node, withIndices(splitFieldPath(path)))
  if (node === undefined)
    return fail(`field specified in var '${variable.name}' not found in corresponding resource: ${path}`)
  return isScalar(node) ? scalarOf(node) : cloneNode(node)
}

/** `a[1]` is field a and its element 1. */
function withIndices(parts: readonly string[]): string[] {
  return parts.flatMap((part) => {
    const match = /^(.*)\[(\d+)\]$/.exec(part)
    if (match === null) return [part]
    return match[1] === "" ? [match[2]!] : [match[1]!, match[2]!]
  })
}

function scalarOf(node: Node): Node {
  const tag = tagOf(node)
  if (tag === "!!int") return decimalOf(textOf(node))
  if (tag === "!!float" || tag === "!!bool") return resolveNode(node) as Node
  return textOf(node)
}

/** An integer as Go's `Atoi` reads it: other bases than ten are none. */
function decimalOf(text: string): Node {
  const value = /^[-+]?[0-9]+$/.test(text) ? BigInt(text.replace("+", "")) : undefined
  if (value === undefined || BigInt.asIntN(64, value) !== value) return fail(`the value of a var is no number: ${text}`)
  return Number.isSafeInteger(Number(value)) ? Number(value) : value
}

function expandNode(node: Node, replace: (text: string) => Node): Node {
  if (isNull(node)) return node
  if (isScalar(node)) return tagOf(node) === "!!str" ? replace(textOf(node)) : node
  if (isMap(node)) {
    const map = own(node)
    for (const name of Object.keys(map)) {
      const value = map[name]
      if (value !== undefined && tagOf(value) === "!!str") writeField(map, name, replace(textOf(value)))
    }
    return map
  }
  if (!isList(node)) return node
  let list = node
  for (const [i, item] of node.entries()) {
    if (tagOf(item) !== "!!str") fail("invalid value type expect a string")
    list = withElement(list, i, replace(textOf(item)))
  }
  return list
}

/** `$(NAME)` in a text; one that is nothing else takes over the type of the value. */
function expand(text: string, values: ReadonlyMap<string, Node>, used: Set<string>): Node {
  let result = ""
  let checkpoint = 0
  for (let cursor = 0; cursor < text.length; cursor++) {
    if (text[cursor] !== "$" || cursor + 1 >= text.length) continue
    result += text.slice(checkpoint, cursor)
    const next = text[cursor + 1]
    const end = next === "(" ? text.indexOf(")", cursor + 2) : -1
    if (end >= 0) {
      const name = text.slice(cursor + 2, end)
      const value = known(values, name)
      if (value !== undefined) used.add(name)
      const whole = text === `$(${name})`
      if (whole) return value ?? text
      result += value === undefined ? `$(${name})` : String(value)
      cursor = end
    } else if (next === "$") {
      result += "$"
      cursor++
    } else {
      result += `$${next}`
      cursor++
    }
    checkpoint = cursor + 1
  }
  return result + text.slice(checkpoint)
}

/** Only scalars can stand in a text. */
function known(values: ReadonlyMap<string, Node>, name: string): VarValue | undefined {
  const value = values.get(name)
  return typeof value === "object" ? undefined : value
}
