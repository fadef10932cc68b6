/** The verdict on one case of a corpus. */
export interface CaseResult {
  readonly name: string
  /** The file or folder of the corpus that the case belongs to; the runner prints a figure for each. */
  readonly group?: string
  readonly passed: boolean
  /** The first difference, for `--list`. */
  readonly difference?: string
}

/** What an adapter gets beside the corpus' folder. */
export interface ConformanceOptions {
  readonly signal?: AbortSignal
  /** Further words of the command line that the adapter understands (`--http`, `--only TEXT`). */
  readonly flags: ReadonlyMap<string, string>
}

/** Runs our code on every case of the corpus in the folder `corpus`. */
export type Conformance = (corpus: string, options: ConformanceOptions) => AsyncIterable<CaseResult>
