import type { Transformer } from "../accumulate/context.ts"
import { fail } from "../error.ts"
import type { Selector } from "../kustomization.ts"
import { isScalar, textOf } from "../node/node.ts"
import { lookup, placeOf } from "../node/path.ts"
import { overwriteScalar } from "../node/scalar.ts"
import type { ResourceMap } from "../resource/resource-map.ts"
import type { Resource } from "../resource/resource.ts"
import { compileSelector, selectResources } from "../resource/selector.ts"
import { namespaceSetter } from "./namespace.ts"

/** A value, and the fields that get it. */
export interface ValueAddConfig {
  readonly value: string
  readonly targets: readonly {
    readonly selector: Selector | undefined
    /** Parts divided by `/`. */
    readonly fieldPath: string
    /** With a number above 0 the value becomes that part of the path in the field. */
    readonly filePathPosition: number | bigint
  }[]
}

/** kustomize's ValueAddTransformer: writes a text to fields, or into the path that a field holds. */
export async function createValueAdd({ value, targets }: ValueAddConfig): Promise<Transformer> {
  if (targets.length === 0) return fail("must specify at least one target")
  const compiled = await Promise.all(
    targets.map(async (target) => {
      if (target.fieldPath === "") return fail("fieldPath cannot be empty")
      if (target.filePathPosition < 0)
        return fail(`value of FilePathPosition (${target.filePathPosition}) cannot be negative`)
      const selector = target.selector && (await compileSelector(target.selector))
      const parts = target.fieldPath.split(/(?<!\\)\//).map((part) => part.replaceAll("\\/", "/"))
      return { selector, parts, path: target.fieldPath, position: Number(target.filePathPosition) }
    }),
  )
  const apply = (map: ResourceMap): void => {
    const setNamespace = namespaceSetter(map, { namespace: value, fieldSpecs: [] })
    for (const { selector, parts, path, position } of compiled) {
      for (const resource of selector === undefined ? map.resources : selectResources(map, selector)) {
        if (path === "metadata/namespace") setNamespace(resource)
        else addValue(resource, parts, { value, position })
      }
    }
  }
  return { name: "ValueAddTransformer", apply }
}

function addValue(
  resource: Resource,
  parts: readonly string[],
  { value, position }: { value: string; position: number },
): void {
  const place = lookup(placeOf(resource), parts, "scalar")
  if (place === undefined) return
  if (!isScalar(place.node)) fail("wrong node kind: expected ScalarNode")
  const text = position > 0 ? insertPathPart(textOf(place.node), position - 1, value) : value
  place.set(overwriteScalar(place.node, text))
}

/** Puts a part in a path: at the position, at the end when it is shorter. */
function insertPathPart(path: string, position: number, part: string): string {
  const absolute = path.startsWith("/")
  const parts = path.split("/").filter((item) => item !== "" && item !== ".")
  parts.splice(Math.min(position, parts.length), 0, part)
  return (absolute ? "/" : "") + parts.join("/")
}
