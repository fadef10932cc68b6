/**
 * Whose reading of YAML. `kubectl`: sigs.k8s.io/yaml, YAML 1.1 (`yes` is true, the last of duplicate keys wins); also
 * how kustomize reads a kustomization file. `kustomize`: how kustomize reads resources (`yes` is a string, an unquoted
 * date becomes a time, duplicate keys are errors).
 */
export type YamlProfile = "kubectl" | "kustomize"

/** Bounds on what is read. */
export interface YamlLimits {
  /** UTF-16 code units of the text; default 64 Mi. */
  readonly characters?: number
  /** Documents in one text; default 100,000. */
  readonly documents?: number
  /** Nesting of maps and lists; default 100. */
  readonly depth?: number
  /** Nodes that aliases and merge keys stand for, in all; default 100,000. */
  readonly aliasNodes?: number
}

/** Options of reading YAML. */
export interface YamlOptions {
  /** Default `kubectl`. */
  readonly profile?: YamlProfile
  /** The file that the text is from, for errors. */
  readonly path?: string
  readonly limits?: YamlLimits
  /**
   * Gets every unquoted scalar without a tag that is read as something else than its own text (`1`, `0x1F`, `~`, a
   * date), with the value that is read; what it returns takes the value's place. For readers that must keep a text.
   */
  readonly scalar?: (text: string, value: string | number | bigint | boolean | null) => unknown
  /**
   * Gets every map that has a key twice, with the place and entry of the second; the first value counts then. Without it a
   * duplicate key is an error for the `kustomize` profile, and the last value counts for `kubectl`.
   */
  readonly duplicate?: (map: object, at: YamlPosition, entry: readonly [key: string, value: unknown]) => void
  /** Gets every map and list that is written in brackets. */
  readonly flow?: (collection: object) => void
  /** Gets every entry of a map whose value is a text in quotes or in a block. */
  readonly quoted?: (map: object, key: string, text: string) => void
  /** Gets the text of every folded block (`>`); what it returns takes the text's place. */
  readonly folded?: (text: string) => unknown
}

/** A place in the text; both count from 1. */
export interface YamlPosition {
  readonly line: number
  readonly column: number
}

/** The way to a node: keys of maps and indices of lists. */
export type YamlPath = readonly (string | number)[]

/** One document of a YAML text. */
export interface YamlDocument {
  /** JSON values; integers outside ±(2^53−1) are `bigint`. */
  readonly value: unknown
  /** The line of the document's first content. */
  readonly line: number
  /** Where the node at `path` begins (a map's entry: its key). Reads the text once more, with positions, when first asked. */
  positionOf(path: YamlPath): YamlPosition | undefined
  /** The scalar at `path` as the text spells it, before any type is resolved (`1.10`, `0x1F`, `yes`). Costs as `positionOf`. */
  textOf(path: YamlPath): string | undefined
}
