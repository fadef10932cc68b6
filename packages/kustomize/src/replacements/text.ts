import type { Node } from "../node/node.ts"
import type { Place } from "../node/path.ts"
import type { ReplacementValue } from "./replacement.ts"

/** A path that may lead into JSON or YAML text, and what to write where it ends. */
export interface TextReplacement {
  readonly path: readonly string[]
  readonly write: (place: Place) => void
  readonly create: ReplacementValue | undefined
}

/** Replaces inside of a text that holds JSON or YAML. False where the path leads into no text. */
export function replaceInText(_root: Node, _replacement: TextReplacement): boolean {
  return false
}
