// Writes src/cluster/serve/discovery/resources.generated.ts from the aggregated discovery of a real kube-apiserver:
//   node packages/testing/scripts/generate-resources.mjs https://127.0.0.1:PORT TOKEN
// NODE_TLS_REJECT_UNAUTHORIZED=0 for the certificate of a test server.
import { writeFileSync } from "node:fs"

const [server, token] = process.argv.slice(2)
const accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
const read = async (path) =>
  (await fetch(server + path, { headers: { accept, authorization: `Bearer ${token}` } })).json()

const groups = [...(await read("/api")).items, ...(await read("/apis")).items]
const rows = groups.map((group) => [
  group.metadata.name ?? "",
  group.versions.map(({ version, resources = [] }) => [
    version,
    resources.map((resource) => [
      resource.resource,
      resource.singularResource,
      resource.responseKind.kind,
      resource.scope === "Namespaced" ? 1 : 0,
      resource.verbs.join(","),
      (resource.shortNames ?? []).join(","),
      (resource.categories ?? []).join(","),
      (resource.subresources ?? []).map((sub) => [
        sub.subresource,
        sub.responseKind ? [sub.responseKind.group, sub.responseKind.version, sub.responseKind.kind] : 0,
        sub.verbs.join(","),
      ]),
      resource.responseKind.group,
      resource.responseKind.version,
    ]),
  ]),
])
const { gitVersion } = await read("/version")
const lines = rows.map((row) => JSON.stringify(row)).join(",\n")
writeFileSync(
  new URL("../src/cluster/serve/discovery/resources.generated.ts", import.meta.url),
  `// Made by scripts/generate-resources.mjs from kube-apiserver ${gitVersion}; do not edit.\n\n` +
    "/** The built-in resources: [group, [[version, [[plural, singular, kind, namespaced, verbs, shortNames, categories, subresources, responseGroup, responseVersion]]]]]. */\n" +
    `export const builtInResources: string = String.raw\`[\n${lines}\n]\`\n`,
)
