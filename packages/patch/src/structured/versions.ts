import type { MergeOptions } from "./types.ts"
import type { Topology } from "../topology/types.ts"

type Source = Pick<MergeOptions, "apiVersion" | "topology" | "versions">

/** The topology of a version; undefined when it does not exist any more. */
export function topologyIn(source: Source, apiVersion: string): Topology | undefined {
  return apiVersion === source.apiVersion ? source.topology : source.versions?.topologyOf(apiVersion)
}

/** `object` in another version; null stays null. */
export function convert(
  object: unknown,
  { versions }: Source,
  { from, to }: { readonly from: string; readonly to: string },
): unknown {
  if (from === to || object === null || object === undefined || !versions) return object
  return versions.convert(object, from, to)
}
