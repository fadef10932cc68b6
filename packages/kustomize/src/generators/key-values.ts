import { fail } from "../error.ts"
import type { GeneratorEntry } from "../kustomization.ts"
import { loadFile, textOfBytes } from "../load/loader.ts"
import type { Loader } from "../load/loader.ts"

/** One datum: a text, or bytes that are no UTF-8. */
export type Datum = string | Uint8Array

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** Bytes as text where they are UTF-8. */
export function datumOf(bytes: Uint8Array): Datum {
  try {
    return strict.decode(bytes)
  } catch {
    return bytes
  }
}

/** Where a datum is written: a line of a file, or one of the literals. */
export type KeyPlace = { readonly path: string; readonly line: number } | { readonly index: number }

/**
 * The data of a generator: env files first, then literals, then files. A key that comes twice is an error. `onKey` is
 * told where each is written.
 */
export async function readKeyValues(
  loader: Loader,
  entry: GeneratorEntry,
  onKey?: (key: string, place: KeyPlace) => void,
): Promise<Map<string, Datum>> {
  const data = new Map<string, Datum>()
  const add = ([key, value]: readonly [string, Datum], place: KeyPlace): void => {
    if (data.has(key)) fail(`configmap ${entry.name} illegally repeats the key \`${key}\``)
    data.set(key, value)
    onKey?.(key, place)
  }
  for (const source of entry.envs) {
    const { path, bytes } = await loadFile(loader, source)
    for (const { pair, line } of parseEnv(textOfBytes(bytes), source)) add(pair, { path, line })
  }
  for (const [index, literal] of entry.literals.entries()) add(parseLiteral(literal), { index })
  for (const source of entry.files) {
    const [key, name] = parseFileSource(source)
    const { path, bytes } = await loadFile(loader, name)
    add([key, datumOf(bytes)], { path, line: 1 })
  }
  return data
}

function parseLiteral(literal: string): [string, string] {
  const equals = literal.indexOf("=")
  if (equals <= 0) fail("invalid literal source: expected key=value")
  return [literal.slice(0, equals), unquote(literal.slice(equals + 1))]
}

function unquote(value: string): string {
  const first = value[0]
  const quoted = value.length >= 2 && (first === '"' || first === "'") && value.at(-1) === first
  return quoted ? value.slice(1, -1) : value
}

interface EnvLine {
  readonly pair: readonly [string, string]
  readonly line: number
}

/** The lines of an env file. */
function parseEnv(text: string, path: string): EnvLine[] {
  if (text.includes("\uFFFD")) fail(`env file '${path}' has invalid utf8 bytes`)
  return text
    .replace(/^\uFEFF/, "")
    .split("\n")
    .map((line, index): EnvLine => ({ pair: parseEnvLine(line.replace(/\r$/, "").trimStart()), line: index + 1 }))
    .filter(({ pair: [key] }) => key !== "" && !key.startsWith("#"))
}

function parseEnvLine(line: string): [string, string] {
  const equals = line.indexOf("=")
  return equals < 0 ? [line, ""] : [line.slice(0, equals), line.slice(equals + 1)]
}

function parseFileSource(source: string): [string, string] {
  const parts = source.split("=")
  if (parts.length === 1) return [source.replace(/\/+$/, "").split("/").at(-1) || ".", source]
  if (parts.length > 2) fail(`source "${source}" key name or file path contains '='`)
  const [key, path] = parts as [string, string]
  if (key === "") fail(`missing key name for file path "${path}" in source "${source}"`)
  if (path === "") fail(`missing file path for key name "${key}" in source "${source}"`)
  return [key, path]
}
