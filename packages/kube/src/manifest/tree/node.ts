/** How a node of a `YamlTree` is written. */
export type YamlStyle = "plain" | "single" | "double" | "literal" | "folded" | "block" | "flow"

/**
 * One node of a YAML text that is to be written back: order, comments, quotes, anchors and tags stay. Made to be
 * changed in place. A map's `items` are keys and values in turn.
 */
export interface YamlTree {
  kind: "map" | "list" | "scalar" | "alias"
  /** `!!str`, `!!int` …; of a plain scalar what its text reads as. Empty: not decided, as for a node that is new. */
  tag: string
  /** True when the tag was written out. */
  tagged: boolean
  style: YamlStyle
  /** The text of a scalar, the name of an alias. */
  value: string
  items: YamlTree[]
  anchor?: string
  /** Lines of comments before the node, each with its `#`. */
  head?: string
  /** The comment behind it. */
  line?: string
  /** Lines of comments after it. */
  foot?: string
}
