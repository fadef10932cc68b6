import { applyFieldSpec, expectScalar, specsByKind } from "../config/field-spec.ts"
import type { FieldSpec } from "../config/field-spec.ts"
import { fail } from "../error.ts"
import { fieldOf, isList, isMap, isMissingOrNull, textOf } from "../node/node.ts"
import type { ListNode, MapNode, Node } from "../node/node.ts"
import { replaceNode, withElement, withField } from "../node/own.ts"
import { isPlainPattern, loadPattern, matchPlainPrefix } from "../node/pattern.ts"
import type { Matcher } from "../node/pattern.ts"
import { overwriteScalar } from "../node/scalar.ts"
import type { ResourceMap } from "../resource/resource-map.ts"
import { gvkOf, kindOfResource } from "../resource/resource.ts"
import type { Resource } from "../resource/resource.ts"

/** One entry of `images`. `name` is a regular expression, as with kustomize. */
export interface ImageChange {
  readonly name: string
  readonly newName?: string
  readonly newTag?: string
  readonly digest?: string
  readonly tagSuffix?: string
}

/** One entry of `images`, its name compiled. */
export interface CompiledImage {
  readonly change: ImageChange
  readonly matches: Matcher
}

const rest = /^(?::[a-zA-Z0-9_.{}-]*)?(?:@[a-zA-Z0-9]+(?:[.+_-][a-zA-Z0-9]+)*:[a-zA-Z0-9_.{}-]*)?$/
const restPattern = "(:[a-zA-Z0-9_.{}-]*)?(@[a-zA-Z0-9]+([.+_-][a-zA-Z0-9]+)*:[a-zA-Z0-9_.{}-]*)?$"

/** Compiles the name of an image. An invalid expression matches nothing, as with kustomize. */
export async function compileImage(change: ImageChange): Promise<CompiledImage> {
  if (isPlainPattern(change.name)) {
    const matches: Matcher = (text) => {
      const end = matchPlainPrefix(change.name, text)
      return end >= 0 && rest.test(text.slice(end))
    }
    return { change, matches }
  }
  const pattern = await loadPattern(`^${change.name}${restPattern}`).catch(() => undefined)
  return { change, matches: (text) => pattern?.test(text) === true }
}

/** An image reference in its parts. */
export interface ImageReference {
  readonly name: string
  readonly tag: string
  readonly digest: string
}

/**
 * Cuts an image reference in its parts; a registry's port belongs to the name.
 *
 * @example
 * parseImage("localhost:5000/app:1@sha256:aa")   // { name: "localhost:5000/app", tag: "1", digest: "sha256:aa" }
 */
export function parseImage(image: string): ImageReference {
  const slash = Math.max(image.indexOf("/"), 0)
  const at = image.indexOf("@", slash)
  const colon = image.indexOf(":", slash)
  if (at < 0 && colon < 0) return { name: image, tag: "", digest: "" }
  if (at >= 0 && (colon < 0 || at < colon)) return { name: image.slice(0, at), tag: "", digest: image.slice(at + 1) }
  if (at >= 0) return { name: image.slice(0, colon), tag: image.slice(colon + 1, at), digest: image.slice(at + 1) }
  return { name: image.slice(0, colon), tag: image.slice(colon + 1), digest: "" }
}

/** The image reference that results from a change. */
export function changeImage(image: string, change: ImageChange): string {
  const parts = parseImage(image)
  const name = change.newName || parts.name
  let { tag, digest } = parts
  if (change.newTag) {
    tag = change.newTag
    digest = change.digest ?? ""
  } else if (change.digest) {
    tag = ""
    digest = change.digest
  } else if (change.tagSuffix) {
    tag += change.tagSuffix
    digest = ""
  }
  return name + (tag && `:${tag}`) + (digest && `@${digest}`)
}

/** An image to change, and where beside the lists of containers. */
export interface ImageConfig {
  readonly image: CompiledImage
  readonly fieldSpecs: readonly FieldSpec[]
  /** Resources found to have no image at all, for those that change the next image right afterwards. */
  readonly imageless?: Set<Resource>
}

/**
 * Changes an image wherever a list is called `containers` or `initContainers`, and in the fields of the specs. kustomize
 * goes over both one after another, so a `tagSuffix` is added twice where they overlap; so do we.
 */
export function applyImage(map: ResourceMap, { image, fieldSpecs, imageless }: ImageConfig): void {
  const specsOf = specsByKind(fieldSpecs)
  let seen = 0
  const set = (node: Node): Node => {
    seen++
    return changed(node, image)
  }
  for (const resource of map.resources) {
    if (resource.node === undefined || imageless?.has(resource) === true) continue
    if (kindOfResource(resource) === "CustomResourceDefinition") continue
    const before = seen
    replaceNode(resource, withImages(resource.node, set) as MapNode)
    for (const spec of specsOf(gvkOf(resource))) applyFieldSpec(resource, spec, { set })
    if (seen === before) imageless?.add(resource)
  }
}

function changed(node: Node, image: CompiledImage): Node {
  expectScalar(node)
  const text = textOf(node)
  return image.matches(text) ? overwriteScalar(node, changeImage(text, image.change)) : node
}

type SetImage = (image: Node) => Node

/** The node with other images in all lists called containers or initContainers. */
function withImages(node: Node & object, set: SetImage): Node {
  if (isList(node)) {
    let list = node
    for (let i = 0; i < node.length; i++) {
      const element = node[i]!
      if (typeof element === "object" && element !== null) list = withElement(list, i, withImages(element, set))
    }
    return list
  }
  // A scalar that keeps its text has no names.
  let map = node as MapNode
  const names = Object.keys(node)
  for (let i = 0; i < names.length; i++) {
    const name = names[i]!
    const value = (node as MapNode)[name]!
    if (typeof value !== "object" || value === null) continue
    let next = withImages(value, set)
    if ((name === "containers" || name === "initContainers") && isList(next)) next = inContainers(next, set)
    if (next !== value) map = withField(map, name, next)
  }
  return map
}

function inContainers(containers: ListNode, set: SetImage): ListNode {
  let list = containers
  for (let i = 0; i < containers.length; i++) {
    const container = containers[i]!
    if (isMissingOrNull(container)) continue
    if (!isMap(container)) fail("wrong node kind: expected MappingNode in a list of containers")
    const image = fieldOf(container, "image")
    if (image !== undefined) list = withElement(list, i, withField(container, "image", set(image)))
  }
  return list
}
