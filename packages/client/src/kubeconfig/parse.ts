import { readFile } from "node:fs/promises"
import { dirname, isAbsolute, join } from "node:path"
import { messageOf } from "@gitops-toolkit/kube"
import { ConnectError } from "../connect-error.ts"
import { recordOf, textOf } from "../error.ts"

/** A map of a kubeconfig as it is written. */
export type Section = { readonly [key: string]: unknown }

/** Several kubeconfig files as one. */
export interface Kubeconfig {
  readonly currentContext: string
  readonly contexts: ReadonlyMap<string, Section>
  readonly clusters: ReadonlyMap<string, Section>
  readonly users: ReadonlyMap<string, Section>
}

/** One kubeconfig text and where it is from. */
export interface KubeconfigText {
  readonly text: string
  /** Empty for a text that is no file; relative paths in it are then relative to the working directory. */
  readonly path: string
}

/** Reads the files; with `optional` those that are missing are left out, as kubectl does with `$KUBECONFIG`. */
export async function readKubeconfigFiles(paths: readonly string[], optional: boolean): Promise<KubeconfigText[]> {
  const texts: KubeconfigText[] = []
  for (const path of paths) {
    try {
      texts.push({ text: await readFile(path, "utf8"), path })
    } catch (error) {
      if (optional && (error as { readonly code?: unknown }).code === "ENOENT") continue
      throw new ConnectError("KubeconfigInvalid", messageOf(error), { cause: error, at: { path } })
    }
  }
  return texts
}

/**
 * Merges kubeconfigs as kubectl does: the first file that names a context, cluster or user wins, and so does the first
 * current context. Paths of files become absolute from the folder of the file that holds them.
 */
export async function parseKubeconfig(texts: readonly KubeconfigText[]): Promise<Kubeconfig> {
  const { parseYamlDocuments } = await import("@gitops-toolkit/kube/manifest")
  const merged = {
    contexts: new Map<string, Section>(),
    clusters: new Map<string, Section>(),
    users: new Map<string, Section>(),
  }
  let currentContext = ""
  for (const { text, path } of texts) {
    const config = recordOf(parseYamlDocuments(text, path === "" ? {} : { path })[0]?.value)
    if (!config) throw new ConnectError("KubeconfigInvalid", "the kubeconfig is not a map", { at: { path } })
    currentContext ||= textOf(config["current-context"])
    collect(merged.contexts, config, { key: "context", path })
    collect(merged.clusters, config, { key: "cluster", path })
    collect(merged.users, config, { key: "user", path })
  }
  return { currentContext, ...merged }
}

const fileFields = ["certificate-authority", "client-certificate", "client-key", "tokenFile"]

function collect(
  into: Map<string, Section>,
  config: Section,
  { key, path }: { readonly key: string; readonly path: string },
): void {
  const list = config[`${key}s`]
  for (const item of Array.isArray(list) ? list : []) {
    const entry = recordOf(item)
    // kubectl reads names as text even where YAML sees a number.
    const name = entry?.["name"] === undefined ? "" : String(entry["name"])
    if (entry && !into.has(name)) into.set(name, withAbsolutePaths(recordOf(entry[key]) ?? {}, path))
  }
}

function withAbsolutePaths(section: Section, path: string): Section {
  const folder = path === "" ? process.cwd() : dirname(path)
  const absolute: { [key: string]: unknown } = { ...section }
  for (const field of fileFields) {
    const file = textOf(section[field])
    if (file !== "" && !isAbsolute(file)) absolute[field] = join(folder, file)
  }
  const exec = recordOf(section["exec"])
  const command = textOf(exec?.["command"])
  if (/[\\/]/.test(command) && !isAbsolute(command)) absolute["exec"] = { ...exec, command: join(folder, command) }
  return absolute
}
