// Writes src/cluster/serve/access/roles.generated.ts from the bootstrap roles of a real kube-apiserver:
//   kubectl get clusterroles,clusterrolebindings -o json > roles.json && node packages/testing/scripts/generate-roles.mjs roles.json
// Roles of controllers, nodes and add-ons are left out: nobody here plays them.
import { readFileSync, writeFileSync } from "node:fs"

const others =
  /^system:controller|^system::|kube-|node|volume|csr|cert|monitoring|heapster|service-account|kubelet|extension-/
const { items } = JSON.parse(readFileSync(process.argv[2], "utf8"))
const kept = items
  .filter(
    ({ apiVersion, metadata }) => apiVersion.startsWith("rbac.") && !others.test(metadata.name) && !metadata.namespace,
  )
  .map(({ apiVersion, kind, metadata: { name, labels, annotations }, rules, roleRef, subjects, aggregationRule }) => ({
    apiVersion,
    kind,
    metadata: { name, labels, annotations },
    aggregationRule,
    ...(roleRef ? { roleRef, subjects } : { rules: rules ?? null }),
  }))
writeFileSync(
  new URL("../src/cluster/serve/access/roles.generated.ts", import.meta.url),
  "// Made by scripts/generate-roles.mjs from kube-apiserver v1.36.3; do not edit.\n\n" +
    "/** The ClusterRoles and ClusterRoleBindings that every cluster with RBAC has, as JSON. */\n" +
    `export const bootstrapRoles: string = String.raw\`[\n${kept.map((each) => JSON.stringify(each)).join(",\n")}\n]\`\n`,
)
