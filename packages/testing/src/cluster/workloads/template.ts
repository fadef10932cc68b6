import type { KubeObject } from "@gitops-toolkit/kube"
import { controllerReference, type Labels, type PodTemplate } from "./shapes.ts"

const alphabet = "bcdfghjklmnpqrstvwxz2456789"

/** JSON with its members in order. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered)
  if (typeof value !== "object" || value === null) return value
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return entries.map(([name, member]) => [name, ordered(member)])
}

/**
 * A short name of a template's content: FNV-1a of 32 bits in the letters that Kubernetes uses for hashes. The real
 * controllers hash Go's memory layout, so that the values differ from theirs.
 */
export function templateHash(template: unknown): string {
  let hash = 0x81_1c_9d_c5
  for (const byte of Buffer.from(JSON.stringify(ordered(template)), "utf8")) {
    hash = Math.imul(hash ^ byte, 0x01_00_01_93) >>> 0
  }
  return Array.from(String(hash), (digit) => alphabet[digit.codePointAt(0)! % alphabet.length]!).join("")
}

/** A Pod of a template, owned by `owner`. */
export function podOf(
  owner: KubeObject,
  template: PodTemplate,
  extra: { readonly labels?: Labels; readonly name?: string } = {},
): KubeObject {
  const { labels, annotations, finalizers } = template.metadata ?? {}
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      ...(extra.name === undefined ? {} : { name: extra.name }),
      generateName: `${owner.metadata.name}-`,
      namespace: owner.metadata.namespace!,
      ...(labels || extra.labels ? { labels: { ...labels, ...extra.labels } } : {}),
      ...(annotations ? { annotations } : {}),
      ...(finalizers ? { finalizers } : {}),
      ownerReferences: [controllerReference(owner)],
    },
    spec: template.spec,
  }
}

/** The ControllerRevision that remembers a template. */
export function revisionOf(
  owner: KubeObject,
  template: PodTemplate,
  { hash, revision }: { readonly hash: string; readonly revision: number },
): KubeObject {
  const { name, namespace, annotations } = owner.metadata
  const mark = owner.kind === "StatefulSet" ? "controller.kubernetes.io/hash" : "controller-revision-hash"
  return {
    apiVersion: "apps/v1",
    kind: "ControllerRevision",
    metadata: {
      name: `${name}-${hash}`,
      namespace: namespace!,
      labels: { ...template.metadata?.labels, [mark]: hash },
      ...(annotations ? { annotations } : {}),
      ownerReferences: [controllerReference(owner)],
    },
    data: { spec: { template: { ...template, $patch: "replace" } } },
    revision,
  } as KubeObject
}
