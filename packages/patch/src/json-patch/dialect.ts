/** Whose reading of RFC 6902 is followed. */
export type JsonPatchDialect = "kubernetes" | "evanphx" | "rfc6902"

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
