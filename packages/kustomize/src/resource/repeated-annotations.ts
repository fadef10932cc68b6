import { copyCollection, fieldOf, isMap, isMissingOrNull, noteRepeated, repeatedIn, setField } from "../node/node.ts"
import type { MapNode, Node, OwnMap } from "../node/node.ts"
import { ownNode } from "../node/own.ts"
import type { Resource } from "./resource.ts"

/**
 * Makes one of annotations that stand twice in an object that was just read. Only of them kustomize takes that, since it
 * writes them anew: of two equal keys the last counts, of two maps the first.
 */
export function joinRepeatedAnnotations(resource: Resource): void {
  const metadata = fieldOf(resource.node, "metadata")
  if (!isMap(metadata)) return
  const repeated = repeatedIn(metadata) ?? []
  const others = repeated.filter(({ name }) => name === "annotations").map(({ value }) => value)
  const maps = [fieldOf(metadata, "annotations"), ...others]
  const isRepeated = others.length > 0 || maps.some((map) => isMap(map) && repeatedIn(map) !== undefined)
  if (!isRepeated || !maps.every((map) => isMap(map) || isMissingOrNull(map))) return
  const joined = copyCollection(metadata) as OwnMap
  setField(joined, "annotations", join(maps.filter(isMap)))
  noteRepeated(
    joined,
    repeated.filter(({ name }) => name !== "annotations"),
  )
  setField(ownNode(resource), "metadata", joined)
}

function join(maps: readonly MapNode[]): Node {
  const joined: OwnMap = {}
  for (const map of maps.toReversed()) {
    for (const name of Object.keys(map)) setField(joined, name, map[name]!)
    for (const { name, value } of repeatedIn(map) ?? []) setField(joined, name, value)
  }
  return joined
}
