import { conditionsOf, findCondition, type KubeObject, type ObjectRef } from "@gitops-toolkit/kube"
import type { Resource } from "./kind.ts"

/** What an object has to wait for before it is reconciled. */
export interface DependencyRule<Spec = unknown, Status = unknown> {
  /** The objects that must be ready first: of the same kind, or of others. */
  readonly refs: (object: Resource<Spec, Status>) => readonly ObjectRef[]
  /** Default `isReadyResource`; one of the controller's own kind must have a status, too. */
  readonly isReady?: (dependency: KubeObject, object: Resource<Spec, Status>) => boolean
}

/**
 * True when the object says that it is ready: its condition `Ready` is True for its present generation, and it is not
 * being deleted. Objects without that condition (ConfigMaps) are ready as soon as they are there.
 *
 * @example
 * const app = (status: object) => ({ apiVersion: "example.com/v1", kind: "App", metadata: { name: "shop", generation: 2 }, status })
 * isReadyResource(app({ observedGeneration: 2, conditions: [{ type: "Ready", status: "True" }] }))   // true
 * isReadyResource(app({ observedGeneration: 1, conditions: [{ type: "Ready", status: "True" }] }))   // false
 */
export function isReadyResource(object: KubeObject): boolean {
  if (object.metadata.deletionTimestamp !== undefined) return false
  const { observedGeneration } = (object.status ?? {}) as { readonly observedGeneration?: unknown }
  if (typeof observedGeneration === "number" && observedGeneration !== object.metadata.generation) return false
  const ready = findCondition(conditionsOf(object), "Ready")
  return ready === undefined || ready.status === "True"
}

/**
 * The first way from `start` back to itself, beginning and ending with it; undefined when there is none. Visits every
 * node once.
 *
 * @example
 * findCycle("a", new Map([["a", ["b"]], ["b", ["a"]]]))   // ["a", "b", "a"]
 */
export function findCycle(start: string, edges: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const cameFrom = new Map<string, string>()
  const open = [start]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    for (const next of edges.get(node) ?? []) {
      if (next === start) return [...wayBack(node, cameFrom), start]
      if (cameFrom.has(next)) continue
      cameFrom.set(next, node)
      open.push(next)
    }
  }
  return undefined
}

function wayBack(end: string, cameFrom: ReadonlyMap<string, string>): string[] {
  const way: string[] = []
  for (let node: string | undefined = end; node !== undefined; node = cameFrom.get(node)) way.unshift(node)
  return way
}
