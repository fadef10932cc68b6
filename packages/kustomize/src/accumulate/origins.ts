import { printYaml } from "@gitops-toolkit/kube/manifest"
import { setField } from "../node/node.ts"
import { ensureAnnotations } from "../resource/resource.ts"
import type { OriginNote, Resource } from "../resource/resource.ts"
import type { ResourceMap } from "../resource/resource-map.ts"
import type { BuildContext, Stage, Target, Watched } from "./context.ts"

/** Runs a stage of the build; who asks for origins of fields gets those of what it changes. */
export function runStage<Result>(
  { map, context }: { readonly map: ResourceMap; readonly context: BuildContext },
  stage: Stage,
  action: Watched<Result>,
): Result | Promise<Result> {
  return context.tracer === undefined ? action() : context.tracer.watch(map, stage, action)
}

/** A path as kustomize notes it: relative to the folder that is built. */
export function originOf(target: Target, path: string): string {
  return joinNoted(target.notedPath, path)
}

/** Joins two paths; one that leaves the first keeps its `..`. */
export function joinNoted(folder: string, path: string): string {
  const parts: string[] = []
  for (const part of `${folder}/${path}`.split("/")) {
    if (part === "" || part === ".") continue
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop()
    else parts.push(part)
  }
  return parts.join("/")
}

/** Notes who changed the resources; for one that has no origin yet it is the origin. */
export function noteTransformation(resources: readonly Resource[], origin: OriginNote): void {
  for (const resource of resources) {
    if (resource.node === undefined) continue
    if (resource.origin === undefined) resource.origin = origin
    else resource.transformations = [...resource.transformations, origin]
    ensureAnnotations(resource)
  }
}

const scalar = (value: string): string => printYaml(value).trimEnd()

function linesOf(origin: OriginNote): string[] {
  const { configuredBy } = origin
  const lines = (["path", "repo", "ref", "configuredIn"] as const)
    .filter((field) => origin[field])
    .map((field) => `${field}: ${scalar(origin[field]!)}`)
  if (configuredBy === undefined) return lines
  const details = (["apiVersion", "kind", "name", "namespace"] as const)
    .filter((field) => configuredBy[field])
    .map((field) => `  ${field}: ${scalar(configuredBy[field]!)}`)
  return details.length === 0 ? lines : [...lines, "configuredBy:", ...details]
}

/** Writes the notes into the annotations that `buildMetadata` asks for. */
export function writeOrigins(resource: Resource, buildMetadata: readonly string[]): void {
  const { origin, transformations } = resource
  if (buildMetadata.includes("originAnnotations") && origin !== undefined) {
    setField(ensureAnnotations(resource), "config.kubernetes.io/origin", `${linesOf(origin).join("\n")}\n`)
  }
  if (buildMetadata.includes("transformerAnnotations") && transformations.length > 0) {
    const text = transformations.map((note) => `- ${linesOf(note).join("\n  ")}\n`).join("")
    setField(ensureAnnotations(resource), "alpha.config.kubernetes.io/transformations", text)
  }
}
