import { isKubeObject, systemClock, type Cluster, type KubeObject } from "@gitops-toolkit/kube"
import { TestingError } from "../error.ts"
import type { ReadyOptions } from "./process.ts"

interface ServedKind {
  readonly apiVersion: string
  readonly kind: string
}

/** Creates (or replaces, where a cluster is reused) custom resource definitions and waits until discovery serves them. */
export async function installDefinitions(
  cluster: Cluster,
  kinds: readonly object[],
  options: ReadyOptions,
): Promise<void> {
  if (kinds.length === 0) return
  const definitions = kinds.map(toDefinition)
  const { timeoutMs, signal } = options
  await Promise.all(definitions.map((definition) => cluster.apply(definition, { force: true, signal })))
  const wanted = definitions.flatMap(servedBy)
  const end = systemClock.now() + timeoutMs
  for (;;) {
    const { kinds } = await cluster.kinds({ refresh: true, signal })
    const missing = wanted.filter(
      ({ apiVersion, kind }) => !kinds.some((served) => served.apiVersion === apiVersion && served.kind === kind),
    )
    if (missing.length === 0) return
    if (systemClock.now() > end) {
      const names = missing.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`).join(", ")
      throw new TestingError("StartFailed", `not served after ${timeoutMs} ms: ${names}`)
    }
    await systemClock.sleep(50, { signal })
  }
}

interface DefinitionSpec {
  readonly group: string
  readonly names: { readonly kind: string }
  readonly versions: readonly { readonly name: string; readonly served: boolean }[]
}

function toDefinition(value: object): KubeObject {
  if (isKubeObject(value) && value.kind === "CustomResourceDefinition") return value
  throw new TestingError("InvalidOptions", "kinds: an entry is no CustomResourceDefinition")
}

function servedBy(definition: KubeObject): readonly ServedKind[] {
  const { group, names, versions } = definition.spec as DefinitionSpec
  const served = versions.filter((version) => version.served)
  return served.map((version) => ({ apiVersion: `${group}/${version.name}`, kind: names.kind }))
}
