import { KustomizeError } from "../error.ts"
import { loadFile, yamlText } from "../load/loader.ts"
import type { Loader } from "../load/loader.ts"
import { fieldOf, isMap, isString, textOf } from "../node/node.ts"
import type { MapNode, Node } from "../node/node.ts"
import type { FieldSpec } from "./field-spec.ts"
import { readConfig } from "./read.ts"
import { emptyConfig, mergeConfigs } from "./transformer-config.ts"
import type { NameReference, TransformerConfig } from "./transformer-config.ts"

/** Reads the files of `crds`: OpenAPI definitions whose extensions tell which fields are names, labels, annotations. */
export async function readCrds(loader: Loader, paths: readonly string[]): Promise<TransformerConfig> {
  let result = emptyConfig
  for (const path of paths) {
    const loaded = await loadFile(loader, path)
    const file = loaded.path
    const { value } = readConfig(yamlText(loaded), loaded.path)
    const definitions = (value ?? {}) as Node
    if (!isMap(definitions)) {
      throw new KustomizeError("InvalidKustomization", `${file} holds no OpenAPI definitions`, { at: { path: file } })
    }
    for (const name of Object.keys(definitions).toSorted()) {
      const schema = schemaOf(definitions, name, file)
      if (!looksLikeObject(schema)) continue
      result = mergeConfigs(result, readDefinition(definitions, name, file))
    }
  }
  return result
}

function schemaOf(definitions: MapNode, name: string, file: string): Node | undefined {
  const definition = definitions[name]
  if (definition === null) return undefined
  if (!isMap(definition)) {
    throw new KustomizeError("InvalidKustomization", `${file}: definition '${name}' is no map`, { at: { path: file } })
  }
  const schema = Object.keys(definition).find((field) => field.toLowerCase() === "schema")
  return schema === undefined ? undefined : definition[schema]
}

function looksLikeObject(schema: Node | undefined): boolean {
  const properties = fieldOf(schema, "properties")
  return ["kind", "apiVersion", "metadata"].every((name) => fieldOf(properties, name) !== undefined)
}

interface Found {
  readonly commonAnnotations: FieldSpec[]
  readonly commonLabels: FieldSpec[]
  readonly namePrefix: FieldSpec[]
  readonly nameReference: NameReference[]
}

interface Visit {
  readonly definitions: MapNode
  readonly kind: string
  readonly file: string
  readonly found: Found
}

function readDefinition(definitions: MapNode, name: string, file: string): TransformerConfig {
  const found: Found = { commonAnnotations: [], commonLabels: [], namePrefix: [], nameReference: [] }
  visit({ definitions, kind: name.split(".").at(-1)!, file, found }, name, [])
  const { nameReference, ...specs } = found
  const base: TransformerConfig = mergeConfigs({ ...emptyConfig }, { ...emptyConfig, ...specs })
  return nameReference.reduce(
    (config, reference) => mergeConfigs(config, { ...emptyConfig, nameReference: [reference] }),
    base,
  )
}

const maxDepth = 64

function visit(state: Visit, name: string, path: readonly string[]): void {
  if (!Object.hasOwn(state.definitions, name)) return
  if (path.length > maxDepth)
    throw new KustomizeError("LimitExceeded", `${state.file}: definitions refer to each other without end`)
  const properties = fieldOf(schemaOf(state.definitions, name, state.file), "properties")
  if (!isMap(properties)) return
  for (const field of Object.keys(properties).toSorted()) visitProperty(state, properties[field]!, [...path, field])
}

const has = (property: Node, extension: string): boolean => isString(fieldOf(property, extension))

function visitProperty(state: Visit, property: Node, path: readonly string[]): void {
  const { kind, found } = state
  const spec: FieldSpec = { kind, path: path.join("/") }
  if (has(property, "x-kubernetes-annotation")) found.commonAnnotations.push(spec)
  if (has(property, "x-kubernetes-label-selector")) found.commonLabels.push(spec)
  if (has(property, "x-kubernetes-identity")) found.namePrefix.push(spec)
  if (has(property, "x-kubernetes-object-ref-api-version") && has(property, "x-kubernetes-object-ref-kind")) {
    const key = textOf(fieldOf(property, "x-kubernetes-object-ref-name-key")) || "name"
    found.nameReference.push({
      kind: textOf(fieldOf(property, "x-kubernetes-object-ref-kind")),
      version: textOf(fieldOf(property, "x-kubernetes-object-ref-api-version")),
      fieldSpecs: [{ kind, path: [...path, key].join("/") }],
    })
  }
  const ref = fieldOf(property, "$ref")
  if (isString(ref)) visit(state, ref, path)
}
