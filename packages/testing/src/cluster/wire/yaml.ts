import { parseYamlDocuments } from "@gitops-toolkit/kube/manifest"
import type { YamlReader } from "./body.ts"

/** Reads a YAML body as the server does: YAML 1.1, the first document. Throws `ManifestError`. */
export const readYaml: YamlReader = (text) => ({ json: parseYamlDocuments(text)[0]?.value, duplicates: [] })
