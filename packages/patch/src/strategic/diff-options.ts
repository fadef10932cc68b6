/** Which part of a difference goes into a patch. */
export interface DiffOptions {
  /** Whether lists say their order in `$setElementOrder`. */
  readonly order: boolean
  readonly changes: boolean
  readonly deletions: boolean
  /** Whether the map that is compared lists its members in `$retainKeys`. */
  readonly retain: boolean
}
