import type { Node } from "../node/node.ts"
import type { CreateKind } from "../node/path.ts"
import type { ElementMatchers } from "./patterns.ts"

/** A value on its way: the node, or a text that has no type yet. */
export interface ReplacementValue {
  readonly node: Node
  /** True for a text that is given and not copied: where it is new, it is read as a plain scalar. */
  readonly untyped: boolean
}

/** What is written, and how. */
export interface Write {
  readonly value: ReplacementValue
  /** Gives the new text of a scalar of which only a part is replaced; throws for what is no scalar. */
  readonly part: ((text: string | undefined) => string) | undefined
  /** What to make where the path is missing; absent: nothing. */
  readonly create: CreateKind | undefined
  readonly matchers: ElementMatchers
}
