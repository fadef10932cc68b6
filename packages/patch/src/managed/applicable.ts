import type { KubeObject } from "@gitops-toolkit/kube"
import { PatchError } from "../error.ts"
import { printFaults, validate } from "../structured/validate.ts"
import { isMap, own, type JsonMap } from "../value/json.ts"
import type { WriterOptions } from "./identity.ts"

/** `namespace/name; group/version, Kind=Kind`, as the server names objects in these errors. */
function nameOf(object: JsonMap): string {
  const metadata = isMap(object["metadata"]) ? object["metadata"] : {}
  const text = (value: unknown): string => (typeof value === "string" ? value : "")
  const apiVersion = text(object["apiVersion"])
  const group = apiVersion.includes("/") ? apiVersion : `/${apiVersion}`
  return `${text(metadata["namespace"])}/${text(metadata["name"])}; ${group}, Kind=${text(object["kind"])}`
}

/** Throws `InvalidPatch` (a 400) or `InvalidObject` (a 500) when `desired` may not be applied, in the server's words. */
export function assertApplicable(desired: KubeObject, { apiVersion, topology }: WriterOptions): void {
  const { metadata } = desired as { readonly metadata: unknown }
  const managed = isMap(metadata) ? own(metadata, "managedFields") : undefined
  if (desired.apiVersion !== apiVersion) {
    const given = String(desired.apiVersion)
    const version = given.includes("/") ? given : `/${given}`
    throw new PatchError("InvalidPatch", `invalid object type: ${version}, Kind=${desired.kind}`)
  }
  if (Array.isArray(managed) && managed.every(isMap)) {
    throw new PatchError("InvalidPatch", "metadata.managedFields must be nil")
  }
  const faults = validate(topology, desired)
  if (faults.length === 0) return
  const shown =
    desired.kind === "Secret" ? faults.map(({ path, message }) => ({ path, message: masked(message) })) : faults
  throw new PatchError(
    "InvalidObject",
    `failed to create typed patch object (${nameOf(desired)}): ${printFaults(shown)}`,
  )
}

/** The server quotes the wrong value; ours never shows one of a Secret. */
function masked(message: string): string {
  return message.replace(/, got [^]*/, "")
}

/** Throws `InvalidObject` when the live object does not fit the topology any more. */
export function assertLive(live: JsonMap, { topology }: WriterOptions): void {
  const faults = validate(topology, live, { allowDuplicates: true })
  if (faults.length === 0) return
  const shown =
    live["kind"] === "Secret" ? faults.map(({ path, message }) => ({ path, message: masked(message) })) : faults
  throw new PatchError("InvalidObject", `failed to create typed live object (${nameOf(live)}): ${printFaults(shown)}`)
}
