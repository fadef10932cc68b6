// Writes src/cluster/tables/columns.generated.ts from the Tables of a real kube-apiserver:
//   NODE_TLS_REJECT_UNAUTHORIZED=0 node packages/testing/scripts/generate-columns.mjs https://127.0.0.1:PORT TOKEN
import { writeFileSync } from "node:fs"

const [server, token] = process.argv.slice(2)
const read = async (path, accept) =>
  (await fetch(server + path, { headers: { accept, authorization: `Bearer ${token}` } })).json()
const discovery = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
const groups = [...(await read("/api", discovery)).items, ...(await read("/apis", discovery)).items]
const texts = []
const tables = {}
for (const { metadata, versions } of groups) {
  for (const { version, resources = [] } of versions) {
    for (const { resource, verbs } of resources) {
      if (!verbs.includes("list")) continue
      const name = metadata.name ?? ""
      const path = name === "" ? `/api/${version}/${resource}` : `/apis/${name}/${version}/${resource}`
      const { columnDefinitions } = await read(path, "application/json;as=Table;v=v1;g=meta.k8s.io")
      tables[`${resource}${name === "" ? "" : `.${name}`}/${version}`] = columnDefinitions.map((column) => {
        if (!texts.includes(column.description)) texts.push(column.description)
        return [column.name, column.type, column.format, texts.indexOf(column.description), column.priority]
      })
    }
  }
}
const lines = Object.entries(tables).map(([name, columns]) => `${JSON.stringify(name)}:${JSON.stringify(columns)}`)
const { gitVersion } = await read("/version", "application/json")
writeFileSync(
  new URL("../src/cluster/tables/columns.generated.ts", import.meta.url),
  `// Made by scripts/generate-columns.mjs from kube-apiserver ${gitVersion}; do not edit.\n\n` +
    "/** Columns by resource and version: [name, type, format, index of the description, priority]; and the descriptions. */\n" +
    `export const builtInColumns: string = String.raw\`{"texts":${JSON.stringify(texts).replaceAll("`", "\\u0060")},\n"tables":{\n${lines.join(",\n")}}}\`\n`,
)
