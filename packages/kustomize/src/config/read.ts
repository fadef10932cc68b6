import { ManifestError, parseYamlDocuments } from "@gitops-toolkit/kube/manifest"
import type { YamlDocument, YamlPath, YamlPosition } from "@gitops-toolkit/kube/manifest"
import { frameOf } from "../diagnostic.ts"
import { KustomizeError } from "../error.ts"
import type { DecodeFault, Decoder } from "./decode.ts"

/** A configuration file: its value, and where in the text each part of it is. */
export interface ConfigDocument {
  readonly value: unknown
  /** Decodes the value; a fault is thrown with file, line and column. */
  decode<Value>(decoder: Decoder<Value>, options: { readonly strict: boolean; readonly converts?: boolean }): Value
  /** Throws an `InvalidKustomization` that points at the place. */
  fail(fault: DecodeFault): never
  /** Line and column of a part, as far as it is known. */
  positionOf(path: YamlPath): { readonly path: string; readonly line?: number; readonly column?: number }
}

/** How a configuration file is read. */
export interface ReadConfigOptions {
  /** A key that stands twice is an error; default false. */
  readonly unique?: boolean
}

/**
 * Reads YAML as kustomize reads its own files: YAML 1.1; further documents are ignored. Of a key that stands twice the
 * last value counts, or it is an error where keys have to be `unique`.
 */
export function readConfig(text: string, path: string, { unique = false }: ReadConfigOptions = {}): ConfigDocument {
  const document = firstDocument(text, path, unique)
  const positionOf = (place: YamlPath): { readonly path: string; readonly line?: number; readonly column?: number } => {
    for (let length = place.length; length > 0; length--) {
      const position = document?.positionOf(place.slice(0, length))
      if (position !== undefined) return { path, ...position }
    }
    return { path }
  }
  const fail = (fault: DecodeFault): never => {
    const at = positionOf(fault.path)
    const field = fault.path
      .map((part) => (typeof part === "number" ? `[${part}]` : `.${part}`))
      .join("")
      .replace(/^\./, "")
    const message = field === "" ? fault.message : `${field}: ${fault.message}`
    throw new KustomizeError("InvalidKustomization", `${path}: ${message}`, { at, ...frameOption(text, at) })
  }
  return {
    value: document?.value,
    decode: (decoder, { strict, converts = true }) => decoder(document?.value, { path: [], strict, converts, fail }),
    fail,
    positionOf,
  }
}

const refuse =
  (path: string) =>
  (_: object, at: YamlPosition): never => {
    throw new KustomizeError("InvalidYaml", `${path}: the key is already defined`, { at: { path, ...at } })
  }

// A first document without content stands in front of the others.
const emptyFirst = /^(?:[ \t]*(?:#.*)?\r?\n)*---[ \t]*(?:#.*)?\r?\n(?:[ \t]*(?:#.*)?\r?\n)*---[ \t\r\n]/

function firstDocument(text: string, path: string, unique: boolean): YamlDocument | undefined {
  if (emptyFirst.test(text)) return undefined
  try {
    return parseYamlDocuments(text, { profile: "kubectl", path, ...(unique ? { duplicate: refuse(path) } : {}) })[0]
  } catch (error) {
    throw yamlError(error, text, path)
  }
}

/** The error of a text that is no YAML, as the build reports it. */
export function yamlError(error: unknown, text: string, path: string): Error {
  if (!(error instanceof ManifestError)) return error as Error
  const at = error.at ?? { path }
  const code = error.code === "LimitExceeded" ? "LimitExceeded" : "InvalidYaml"
  const frame = error.frame === undefined ? frameOption(text, at) : { frame: error.frame }
  return new KustomizeError(code, error.rawMessage, { at, cause: error, ...frame })
}

function frameOption(text: string, at: { readonly line?: number; readonly column?: number }): { frame?: string } {
  return at.line === undefined ? {} : { frame: frameOf(text, at.line, at.column) }
}
