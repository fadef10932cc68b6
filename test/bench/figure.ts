/** One measured figure beside its best peer's, taken in the same run. */
export interface Figure {
  readonly name: string
  /** What the numbers are: `ms`, `MiB`, `objects/s`, … */
  readonly unit: string
  readonly ours: number
  /** Absent where there is no peer; then `goal` is the bound on `ours` itself. */
  readonly peer?: number
  /** Which way is good. */
  readonly better: "higher" | "lower"
  /** The least (better: higher) or most (better: lower) that `ours / peer` may be. */
  readonly goal: number
}

/** Measures and reports figure by figure. Throws when a needed peer is absent. */
export type Bench = (options: { readonly flags: ReadonlyMap<string, string> }) => AsyncIterable<Figure>
