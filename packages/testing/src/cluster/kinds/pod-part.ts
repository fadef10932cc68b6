import type { KubeObject } from "@gitops-toolkit/kube"
import { omit } from "./omit.ts"

type Members = { readonly [name: string]: unknown }

const listOf = (value: unknown): readonly Members[] => (Array.isArray(value) ? (value as Members[]) : [])

/** The sub-resources of Pods that write one part of the spec. */
export function isPodPart(subresource: string): subresource is "ephemeralcontainers" | "resize" {
  return subresource === "ephemeralcontainers" || subresource === "resize"
}

/** `next` as a write to such a sub-resource sees it: the live Pod but for the part, and the tracking of fields. */
export function podPart(next: KubeObject, live: KubeObject, part: "ephemeralcontainers" | "resize"): KubeObject {
  const [given, before] = [(next.spec ?? {}) as Members, (live.spec ?? {}) as Members]
  const spec = part === "resize" ? resized(given, before) : withDebuggers(given, before)
  // With other containers than before there is no part: the rules will tell.
  if (!spec) return next
  const { managedFields, uid, resourceVersion } = next.metadata
  const identity = { ...(uid ? { uid } : {}), ...(resourceVersion ? { resourceVersion } : {}) }
  const tracked = managedFields === undefined ? {} : { managedFields }
  const { managedFields: _, ...metadata } = live.metadata
  return { ...live, metadata: { ...metadata, ...identity, ...tracked }, spec } as KubeObject
}

function withDebuggers({ ephemeralContainers }: Members, before: Members): Members {
  const rest = omit(before, "ephemeralContainers")
  return ephemeralContainers === undefined ? rest : { ...rest, ephemeralContainers }
}

function resized(given: Members, before: Members): Members | undefined {
  const { resources: _, ...rest } = before
  const spec: Record<string, unknown> =
    given["resources"] === undefined ? rest : { ...rest, resources: given["resources"] }
  for (const list of ["containers", "initContainers"]) {
    const [now, old] = [listOf(given[list]), listOf(before[list])]
    if (now.length !== old.length) return undefined
    if (now.length > 0) spec[list] = now.some(({ name }, at) => name !== old[at]!["name"]) ? now : amountsOf(now, old)
  }
  return spec
}

/** The old containers with the new amounts, and when these restart them. */
function amountsOf(now: readonly Members[], old: readonly Members[]): Members[] {
  return now.map(({ resources, resizePolicy }, at) => {
    const { resources: _, resizePolicy: __, ...rest } = old[at]!
    return {
      ...rest,
      ...(resources === undefined ? {} : { resources }),
      ...(resizePolicy === undefined ? {} : { resizePolicy }),
    }
  })
}
