import { KustomizeError } from "./error.ts"

/** Bounds of one build. Beyond them it fails with `LimitExceeded`. */
export interface Limits {
  /** Bytes of all files together; default 256 MiB. */
  readonly bytes?: number
  /** Bytes of one file; default 32 MiB. */
  readonly fileBytes?: number
  /** Files read; default 50,000. */
  readonly files?: number
  /** Kustomizations inside of each other; default 64. */
  readonly depth?: number
  /** Folders of bases and components, each as often as it is named; default 10,000. */
  readonly folders?: number
  /** Objects at any time; default 100,000. */
  readonly objects?: number
  /** Nodes that YAML aliases and merge keys stand for in one file; default 100,000. */
  readonly aliasNodes?: number
}

/** What a build has used of its limits. */
export interface Budget {
  readonly limits: Required<Limits>
  bytes: number
  files: number
  folders: number
}

const defaults: Required<Limits> = {
  bytes: 256 * 1024 * 1024,
  fileBytes: 32 * 1024 * 1024,
  files: 50_000,
  depth: 64,
  folders: 10_000,
  objects: 100_000,
  aliasNodes: 100_000,
}

/** A fresh budget; what `limits` leaves out is the default. */
export function createBudget(limits: Limits = {}): Budget {
  return { limits: { ...defaults, ...limits }, bytes: 0, files: 0, folders: 0 }
}

const exceeded = (what: string): never => {
  throw new KustomizeError("LimitExceeded", `the build is larger than allowed: ${what}`)
}

/** Checks that a file of so many bytes may still be read. */
export function checkFile({ limits, bytes, files }: Budget, size: number, path: string): void {
  if (size > limits.fileBytes) exceeded(`${path} has more than ${limits.fileBytes} bytes`)
  if (bytes + size > limits.bytes) exceeded(`its files have more than ${limits.bytes} bytes`)
  if (files >= limits.files) exceeded(`it reads more than ${limits.files} files`)
}

/** Accounts for a file that was read. */
export function spendFile(budget: Budget, size: number, path: string): void {
  checkFile(budget, size, path)
  budget.files++
  budget.bytes += size
}

/** Checks what a folder without a kustomization has below it, as far as it was walked. */
export function checkListing({ limits }: Budget, found: { readonly files: number; readonly folders: number }): void {
  if (found.files > limits.files) exceeded(`it lists more than ${limits.files} files`)
  if (found.folders > limits.folders) exceeded(`it has more than ${limits.folders} folders`)
}

/** Checks the number of objects. */
export function checkObjects(budget: Budget, objects: number): void {
  if (objects > budget.limits.objects) exceeded(`it has more than ${budget.limits.objects} objects`)
}

/** Accounts for a folder that is entered at a depth. */
export function spendFolder(budget: Budget, depth: number): void {
  const { limits } = budget
  if (depth > limits.depth) exceeded(`kustomizations are nested deeper than ${limits.depth}`)
  if (++budget.folders > limits.folders) exceeded(`it has more than ${limits.folders} bases and components`)
}
