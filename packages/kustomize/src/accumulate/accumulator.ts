import { emptyConfig, mergeConfigs } from "../config/transformer-config.ts"
import { fail } from "../error.ts"
import type { Var } from "../kustomization.ts"
import { checkObjects } from "../limits.ts"
import { appendMap, createResourceMap } from "../resource/resource-map.ts"
import type { Accumulator, BuildContext } from "./context.ts"

/** An accumulator without anything in it. */
export function createAccumulator(context: BuildContext): Accumulator {
  return { map: createResourceMap(context.openApi.scopes), config: emptyConfig, vars: new Map() }
}

/** Adds what a base has gathered. */
export function mergeAccumulators(into: Accumulator, from: Accumulator, context: BuildContext): void {
  appendMap(into.map, from.map)
  checkObjects(context.budget, into.map.resources.length)
  into.config = mergeConfigs(into.config, from.config)
  for (const variable of from.vars.values()) addVar(into, variable)
}

/** Adds a var; two of one name are an error. */
export function addVar(accumulator: Accumulator, variable: Var): void {
  if (accumulator.vars.has(variable.name)) fail(`var '${variable.name}' already encountered`)
  accumulator.vars.set(variable.name, variable)
}
