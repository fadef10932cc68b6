import { KustomizeError } from "../error.ts"
import { fieldOf, isList, isMap, textOf } from "../node/node.ts"
import type { ListNode, MapNode, Node, OwnMap } from "../node/node.ts"
import { setElement } from "./elements.ts"

/** What `$patch` asks for. */
export type Directive = "merge" | "replace" | "delete"

const key = "$patch"

const parse = (text: string): Directive => {
  if (text === "merge" || text === "replace" || text === "delete") return text
  throw new KustomizeError("PatchFailed", `unknown patch strategy '${text}'`)
}

/** Takes the directive out of a map or list of a patch, which is ours; `merge` where there is none. Throws for an unknown one. */
export function takeDirective(patch: Node | undefined): Directive {
  if (isMap(patch)) return takeFromMap(patch)
  return isList(patch) ? takeFromList(patch) : "merge"
}

function takeFromMap(patch: MapNode): Directive {
  const value = fieldOf(patch, key)
  if (value === undefined) return "merge"
  const directive = parse(textOf(value))
  delete (patch as OwnMap)[key]
  return directive
}

function takeFromList(patch: ListNode): Directive {
  const element = patch.find((candidate) => fieldOf(candidate, key) !== undefined)
  if (!isMap(element) || Object.keys(element).length > 1) return "merge"
  const text = textOf(element[key])
  const directive = parse(text)
  setElement(patch as Node[], undefined, { keys: [key], values: [text] })
  return directive
}
