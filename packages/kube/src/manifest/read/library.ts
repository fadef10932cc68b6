import { createRequire } from "node:module"
import type * as Yaml from "yaml"

let loaded: typeof Yaml | undefined

/**
 * The library `yaml`, loaded at the first call: it costs 34 ms, and the fast lane never needs it. Synchronous, so that
 * reading stays a plain function. The only door to the library.
 */
export function loadYaml(): typeof Yaml {
  loaded ??= createRequire(import.meta.url)("yaml") as typeof Yaml
  return loaded
}
