/** What a scalar may be; `untyped` takes any scalar. */
export type ScalarKind = "string" | "numeric" | "boolean" | "untyped"

/** How the items of a list relate: one value as a whole, a set of scalars, or maps that are told apart by keys. */
export interface ListTopology {
  readonly kind: "atomic" | "set" | "map"
  /** The key fields of a `map` list, sorted by bytes. */
  readonly keys: readonly string[]
  /** What an absent key field counts as (`protocol`: `TCP`); only key fields that have a default. */
  readonly keyDefaults: ReadonlyMap<string, unknown>
  readonly item: Topology
}

/** The members of a map or struct. */
export interface MapTopology {
  /** True: one value as a whole. False: every member on its own. */
  readonly atomic: boolean
  /** The declared members. */
  readonly fields: ReadonlyMap<string, Topology>
  /** The type of all other members; undefined: there may be no others. */
  readonly rest: Topology | undefined
  /** Structs that are there even when they are empty (a Deployment's `spec`, its `strategy`); built-in kinds only. */
  readonly structs: readonly string[]
  /** Other fields that are written even when they are empty (a Pod's `containers`); built-in kinds only. */
  readonly required: readonly string[]
}

/** How a strategic merge patch treats a field. */
export interface PatchMeta {
  /** `merge`, `replace`, `retainKeys`; empty when nothing was declared. */
  readonly strategies: readonly string[]
  /** The field that tells the items of a merging list apart; undefined for lists of scalars. */
  readonly mergeKey: string | undefined
}

/**
 * The shape of a kind as far as merging cares: which lists are sets or maps, what is atomic, which fields exist.
 * A graph (types may contain themselves); compare nodes by identity. A value may be a scalar, a list or a map
 * where more than one of the three is present.
 */
export interface Topology {
  /** The name of the type (`io.k8s.api.core.v1.PodSpec`); empty for a type without one. */
  readonly name: string
  readonly scalar: ScalarKind | undefined
  readonly list: ListTopology | undefined
  readonly map: MapTopology | undefined
  /**
   * What a scalar is called in OpenAPI: `string`, `integer`, `number`, `boolean`, or a format (`int32`, `int64`,
   * `double`, `byte`, `date-time`, `int-or-string`, `quantity`); undefined: anything.
   */
  readonly format: string | undefined
  readonly patch: PatchMeta | undefined
  /** True for a type that is guessed from the value: it is left alone when schemas change. */
  readonly deduced: boolean
}
