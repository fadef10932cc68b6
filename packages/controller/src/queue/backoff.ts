import type { Backoff } from "@gitops-toolkit/kube"

/** The waits after failures when nobody names others: client-go's 5 ms doubling to 1,000 s, with 10 % of jitter. */
export const defaultBackoff: Required<Backoff> = { baseMs: 5, factor: 2, maxMs: 1_000_000, jitter: 0.1 }
