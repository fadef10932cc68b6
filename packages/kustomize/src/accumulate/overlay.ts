import { fail } from "../error.ts"
import type { Kustomization, PatchEntry, Selector } from "../kustomization.ts"
import { anySelector } from "../resource/selector.ts"
import type { CommonMetadata } from "./context.ts"
import type { Loader } from "../load/loader.ts"
import type { ImageChange } from "../transformers/images.ts"

/** A patch given from outside: strategic or JSON 6902, inline. */
export interface OverlayPatch {
  readonly patch: string
  readonly target?: Partial<Selector>
}

/** What the caller lays over the kustomization that is built, as a Flux Kustomization does with its `spec`. */
export interface Overlay {
  /** Replaces the kustomization's own; so do prefix, suffix and buildMetadata. */
  readonly namespace?: string
  readonly namePrefix?: string
  readonly nameSuffix?: string
  readonly buildMetadata?: readonly string[]
  /** Come after the kustomization's own. */
  readonly patches?: readonly OverlayPatch[]
  /** Local folders; come after the kustomization's own. */
  readonly components?: readonly string[]
  /** Components that do not exist are left out; default false. */
  readonly ignoreMissingComponents?: boolean
  /** Merged into the kustomization's own by name; a new tag clears a digest, and the reverse. */
  readonly images?: readonly ImageChange[]
  /** Set on every object at the very end, over what it has; pod templates and selectors are left alone. */
  readonly commonMetadata?: CommonMetadata
}

const patchEntryOf = ({ patch, target }: OverlayPatch): PatchEntry => ({
  path: "",
  patch,
  target: target === undefined ? undefined : { ...anySelector, ...target },
  options: undefined,
})

type Images = Kustomization["images"]

/** Merges images by name. */
export function mergeImages(images: Images, changes: readonly ImageChange[]): Images {
  const merged = [...images]
  for (const { name, newName = "", newTag = "", digest = "" } of changes) {
    const index = merged.findIndex((image) => image.name === name)
    const before = merged[index] ?? { name, newName: "", newTag: "", digest: "", tagSuffix: "" }
    const version = newTag === "" && digest === "" ? before : { newTag, digest }
    const image = { ...before, newName: newName || before.newName, newTag: version.newTag, digest: version.digest }
    if (index < 0) merged.push(image)
    else merged[index] = image
  }
  return merged
}

async function componentsOf(overlay: Overlay, loader: Loader): Promise<readonly string[]> {
  const components: string[] = []
  for (const path of overlay.components ?? []) {
    if (path.includes("://") || path.startsWith("/")) fail(`component '${path}' is no local folder`)
    const located = await loader.tree.locate(loader.root === "" ? path : `${loader.root}/${path}`)
    if (located !== undefined || overlay.ignoreMissingComponents !== true) components.push(path)
  }
  return components
}

/** The kustomization with the overlay in it. */
export async function layOver(kustomization: Kustomization, overlay: Overlay, loader: Loader): Promise<Kustomization> {
  const { namespace, namePrefix, nameSuffix, buildMetadata } = overlay
  return {
    ...kustomization,
    ...(namespace ? { namespace } : {}),
    ...(namePrefix ? { namePrefix } : {}),
    ...(nameSuffix ? { nameSuffix } : {}),
    ...(buildMetadata === undefined ? {} : { buildMetadata }),
    patches: [...kustomization.patches, ...(overlay.patches ?? []).map(patchEntryOf)],
    components: [...kustomization.components, ...(await componentsOf(overlay, loader))],
    images: mergeImages(kustomization.images, overlay.images ?? []),
  }
}
