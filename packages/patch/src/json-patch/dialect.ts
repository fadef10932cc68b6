/** Whose reading of RFC 6902 is followed. */
export type JsonPatchDialect = "kubernetes" | "evanphx" | "rfc6902"

/** Options of `applyJsonPatch`. */
export interface JsonPatchOptions {
  /** `remove` of something that is not there does nothing instead of failing; default false. */
  readonly allowMissingPathOnRemove?: boolean
  /** `add` makes the maps and lists on its way; default false. */
  readonly ensurePathExistsOnAdd?: boolean
  /**
   * `kubernetes` (default): as the API server (evanphx/json-patch 4): negative indices count from the end, a missing
   * `value` is null, a `test` for null passes where a map has no such member, `replace` adds what a map does not
   * have. `evanphx`: version 5 of that library, where `replace` needs its target. `rfc6902`: neither.
   */
  readonly dialect?: JsonPatchDialect
  /** What all `copy` operations together may copy, as JSON; default 3 MiB, as on the API server. */
  readonly maxCopyBytes?: number
}

/** Where the readings differ. */
export interface Dialect {
  /** `replace` of a map's member that is not there adds it. */
  readonly replaceAdds: boolean
  /** `copy` of a map's member that is not there copies null. */
  readonly copiesNothing: boolean
  /** `add`, `remove`, `copy` and `move` may name the whole document. */
  readonly wholeDocument: boolean
  /** Indices may count from the end, and be written like Go's integers. */
  readonly negativeIndices: boolean
  /** An operation without `value` means null, and a `test` for null passes where a map has no such member. */
  readonly absentIsNull: boolean
}

/** The readings by name. */
export const dialects: { readonly [Name in JsonPatchDialect]: Dialect } = {
  kubernetes: {
    replaceAdds: true,
    copiesNothing: true,
    wholeDocument: false,
    negativeIndices: true,
    absentIsNull: true,
  },
  evanphx: {
    replaceAdds: false,
    copiesNothing: false,
    wholeDocument: true,
    negativeIndices: true,
    absentIsNull: true,
  },
  rfc6902: {
    replaceAdds: false,
    copiesNothing: false,
    wholeDocument: true,
    negativeIndices: false,
    absentIsNull: false,
  },
}
