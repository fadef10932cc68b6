// The topologies of the built-in kinds against a real kube-apiserver's own OpenAPI, field by field.
import { createTopologies, knownKinds, topologyOf, type JsonSchema, type Topology } from "@gitops-toolkit/patch"
import type { Transport } from "@gitops-toolkit/http"
import { missingBinaries, startControlPlane } from "@gitops-toolkit/testing"
import { expect, test } from "vitest"

async function get<Body>(transport: Transport, url: string): Promise<Body> {
  const [path, search = ""] = url.split("?") as [string, string?]
  const query = [...new URLSearchParams(search)]
  const { body } = await transport({ method: "GET", path, query, headers: { accept: "application/json" } })
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return JSON.parse(Buffer.concat(chunks).toString("utf8")) as Body
}

interface Document {
  readonly components?: { readonly schemas?: { readonly [name: string]: JsonSchema } }
}

interface ServedKind {
  readonly group: string
  readonly version: string
  readonly kind: string
}

/** What differs between two topologies, as paths; types that contain themselves are walked once. */
function differences(
  ours: Topology | undefined,
  real: Topology | undefined,
  path: string,
  seen = new Set<Topology>(),
): string[] {
  if (!ours || !real) return ours === real ? [] : [`${path}: ${ours ? "only ours" : "only real"}`]
  if (seen.has(ours)) return []
  seen.add(ours)
  const own = (type: Topology): string =>
    JSON.stringify([
      type.scalar,
      type.format,
      type.patch,
      type.list && [type.list.kind, type.list.keys, [...type.list.keyDefaults]],
      type.map && type.map.atomic,
    ])
  if (own(ours) !== own(real)) return [`${path}: ours ${own(ours)}, real ${own(real)}`]
  const names = new Set([...(ours.map?.fields.keys() ?? []), ...(real.map?.fields.keys() ?? [])])
  return [
    ...[...names].flatMap((name) =>
      differences(ours.map?.fields.get(name), real.map?.fields.get(name), `${path}.${name}`, seen),
    ),
    ...differences(ours.map?.rest, real.map?.rest, `${path}.*`, seen),
    ...differences(ours.list?.item, real.list?.item, `${path}[]`, seen),
  ]
}

const missing = missingBinaries()
if (missing.length > 0)
  console.log(`built-in topology: skipped, there is no ${missing.join(" and ")} (KUBEBUILDER_ASSETS)`)

test.skipIf(missing.length > 0)("every built-in kind is as the real API server publishes it", async () => {
  await using plane = await startControlPlane()
  const index = await get<{ paths: { [path: string]: { serverRelativeURL: string } } }>(plane.transport, "/openapi/v3")
  const schemas = new Map<string, JsonSchema>()
  for (const [path, { serverRelativeURL }] of Object.entries(index.paths)) {
    if (!path.startsWith("api")) continue
    const document = await get<Document>(plane.transport, serverRelativeURL)
    for (const [name, schema] of Object.entries(document.components?.schemas ?? {})) schemas.set(name, schema)
  }
  const types = createTopologies((name) => schemas.get(name))
  const compared: string[] = []
  const faults: string[] = []
  for (const [name, schema] of schemas) {
    const kinds =
      (schema as { readonly "x-kubernetes-group-version-kind"?: readonly ServedKind[] })[
        "x-kubernetes-group-version-kind"
      ] ?? []
    if (kinds.length > 3) continue // options, which are in every group
    for (const { group, version, kind } of kinds) {
      const apiVersion = group === "" ? version : `${group}/${version}`
      compared.push(`${apiVersion} ${kind}`)
      faults.push(...differences(topologyOf({ apiVersion, kind }), types.named(name), `${apiVersion} ${kind} `))
    }
  }
  expect(faults).toEqual([])
  expect(compared.toSorted()).toEqual(
    knownKinds()
      .map(({ apiVersion, kind }) => `${apiVersion} ${kind}`)
      .toSorted(),
  )
})
