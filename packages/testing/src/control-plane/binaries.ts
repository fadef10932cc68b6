import { accessSync, constants } from "node:fs"
import { homedir } from "node:os"
import { join } from "node:path"
import { TestingError } from "../error.ts"

/** A program of the control plane. */
export type Binary = "etcd" | "kube-apiserver" | "kube-controller-manager"

/** Where programs are looked for. */
export interface BinaryOptions {
  /** A folder that holds the programs; asked after the environment. */
  readonly directory?: string
  /** Default `process.env`. */
  readonly env?: { readonly [name: string]: string | undefined }
}

/** The release that `tools/control-plane/build` builds, and the name of its folder in the cache. */
const release = "k8s-1.36.3"

/**
 * The path of a program, by envtest's convention: `TEST_ASSET_<NAME>`, then `$KUBEBUILDER_ASSETS`, then `directory`, then the
 * folder of `tools/control-plane/build` in the user's cache, then `/usr/local/kubebuilder/bin`. Undefined when none of
 * them holds it; a path that the environment names must exist, or it is missing.
 */
export function findBinary(name: Binary, options: BinaryOptions = {}): string | undefined {
  const { env = process.env } = options
  const named = env[variableOf(name)]
  if (named) return isExecutable(named) ? named : undefined
  return foldersOf(options)
    .map((folder) => join(folder, name))
    .find(isExecutable)
}

/**
 * The programs that `startControlPlane` would not find; empty when it can start. For tests that skip with a reason.
 *
 * @example
 * const missing = missingBinaries()
 * describe.skipIf(missing.length > 0)(`on a real API server (missing: ${missing.join(", ") || "nothing"})`, () => test("applies", applies))
 */
export function missingBinaries(options: BinaryOptions & { readonly controllers?: boolean } = {}): readonly Binary[] {
  if (usesExistingCluster(options.env)) return []
  return neededBinaries(options.controllers).filter((name) => findBinary(name, options) === undefined)
}

/** True when `USE_EXISTING_CLUSTER` asks for the cluster of the default kubeconfig instead of a fresh one. */
export function usesExistingCluster(env: BinaryOptions["env"] = process.env): boolean {
  return env["USE_EXISTING_CLUSTER"] === "true"
}

/** The paths of all programs that are needed. Throws `BinaryMissing`, which says what to do. */
export function findBinaries(options: BinaryOptions & { readonly controllers?: boolean }): ReadonlyMap<Binary, string> {
  const missing = missingBinaries(options)
  if (missing.length > 0) {
    throw new TestingError(
      "BinaryMissing",
      `${missing.join(" and ")} not found. Set KUBEBUILDER_ASSETS to a folder that holds them (setup-envtest downloads ` +
        `them, tools/control-plane/build of gitops-toolkit builds them with Go), or ${missing.map(variableOf).join(" and ")} ` +
        `to their paths; or set USE_EXISTING_CLUSTER=true. Looked in: ${foldersOf(options).join(", ")}`,
    )
  }
  return new Map(neededBinaries(options.controllers).map((name) => [name, findBinary(name, options) ?? ""]))
}

function neededBinaries(controllers = false): readonly Binary[] {
  return controllers ? ["etcd", "kube-apiserver", "kube-controller-manager"] : ["etcd", "kube-apiserver"]
}

function variableOf(name: Binary): string {
  return `TEST_ASSET_${name.toUpperCase().replaceAll("-", "_")}`
}

function foldersOf({ directory, env = process.env }: BinaryOptions): readonly string[] {
  const assets = env["KUBEBUILDER_ASSETS"]
  const cache = env["XDG_CACHE_HOME"] || join(env["HOME"] || homedir(), ".cache")
  const given = [assets, directory].filter((folder) => folder !== undefined && folder !== "") as string[]
  return [...given, join(cache, "gitops-toolkit", "control-plane", release), "/usr/local/kubebuilder/bin"]
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    // Not there or not to be run: the same to us.
    return false
  }
}
