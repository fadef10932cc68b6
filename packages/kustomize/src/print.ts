import { printManifests } from "@gitops-toolkit/kube/manifest"
import type { KubeObject } from "@gitops-toolkit/kube"

/**
 * The objects of a build as text: the bytes that `kustomize build` writes.
 *
 * @example
 * process.stdout.write(printBuild(await build(files, "overlays/prod")))
 */
export function printBuild({ objects }: { readonly objects: readonly KubeObject[] }): string {
  return printManifests(objects)
}
