/** Where the value of one field comes from. Nothing but the transformer is known of what the options of a build set. */
export interface FieldOrigin {
  /** The file that holds the value, or what set it: a patch, an entry of a kustomization. */
  readonly path?: string
  /** The line of the value's key or, in a list, of the value; counts from 1. */
  readonly line?: number
  /** Counts from 1. */
  readonly column?: number
  /**
   * What set it last: a field of a kustomization (`images`, `patches`), the kind of a plugin, `hash`, `nameReference`,
   * `vars`, or what `followOrigins` was told. Absent for what is as the file has it.
   */
  readonly transformer?: string
}

/** The origin of the field at a JSON pointer or, where that is no leaf, of the first below it; or of its removal. */
export function originAt(
  { fields = {}, removed = {} }: Partial<FieldOrigins>,
  pointer: string,
): FieldOrigin | undefined {
  for (const origins of [fields, removed]) {
    if (Object.hasOwn(origins, pointer)) return origins[pointer]
    const below = Object.keys(origins).find((key) => key.startsWith(`${pointer}/`))
    if (below !== undefined) return origins[below]
  }
  return undefined
}

/** Where the fields of one object come from, by JSON pointer: `/spec/replicas`. */
export interface FieldOrigins {
  /** Every leaf: scalars, and empty maps and lists. */
  readonly fields: { readonly [pointer: string]: FieldOrigin }
  /** Fields of maps that something in the build removed, and what did. */
  readonly removed: { readonly [pointer: string]: FieldOrigin }
}

/** Where one object of a build comes from. With `origins: "fields"` it has those of the fields, too. */
export interface Origin extends Partial<FieldOrigins> {
  /** The file that holds it, or the kustomization that generates it. */
  readonly path?: string
  /** The line where it begins. */
  readonly line?: number | undefined
}
