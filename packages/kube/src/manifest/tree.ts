export type { YamlStyle, YamlTree } from "./tree/node.ts"
export { printYamlTree } from "./tree/print.ts"
export { readYamlTree } from "./tree/read.ts"
