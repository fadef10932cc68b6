import { refOf, type Cluster, type KubeObject, type StringMap } from "@gitops-toolkit/kube"
import { compareValues, type FieldChange } from "./diff/compare.ts"
import { maskChange } from "./diff/diff.ts"
import { repairMetrics } from "./diff/normalize.ts"
import { removePointers, type Pointer } from "./diff/pointer.ts"

/** How drift is told. */
export interface DriftOptions {
  /** Fields that do not count; `""` excludes the whole object. */
  readonly ignore?: readonly Pointer[]
  /** Show values of Secrets as `***`; default true. */
  readonly mask?: boolean
  /** Tell the changes inside a map or list as one of the whole where that is shorter; default false. */
  readonly join?: boolean
}

/** Options of `detectDrift`. */
export interface DetectDriftOptions extends DriftOptions {
  /** Labels or annotations, on the desired or the live object, that exclude it (values without regard to case). */
  readonly exclude?: StringMap
  /** Default `gitops-toolkit`. */
  readonly fieldManager?: string
  readonly signal?: AbortSignal | undefined
}

/** How the live state differs from the desired one. */
export interface Drift {
  /** `create`: it is not there; `exclude`: nobody wants to know. */
  readonly type: "create" | "update" | "none" | "exclude"
  readonly changes: readonly FieldChange[]
}

/**
 * What applying `object` would change, asked by a server-side dry run: for reports, where nothing is to be written.
 * Drift is told as Flux does: see `driftOf`. Throws what the requests throw.
 *
 * @example
 * const { type, changes } = await detectDrift(cluster, object)
 */
export async function detectDrift(
  cluster: Cluster,
  object: KubeObject,
  options: DetectDriftOptions = {},
): Promise<Drift> {
  const { ignore = [], exclude = {}, fieldManager = "gitops-toolkit", signal } = options
  const excluded: Drift = { type: "exclude", changes: [] }
  if (ignore.includes("") || isExcluded(object, exclude)) return excluded
  const live = await cluster.get(refOf(object), { signal })
  if (live && isExcluded(live, exclude)) return excluded
  const answer = await cluster.apply(object, { dryRun: true, force: true, fieldManager, signal })
  if (live === undefined || answer.metadata.resourceVersion === undefined) return { type: "create", changes: [] }
  const changes = driftOf(live, answer, options)
  return { type: changes.length === 0 ? "none" : "update", changes }
}

/**
 * How `live` differs from `answer`, what a dry run says it should be. Annotations and labels come first, and only what
 * is added or changed there counts: controllers add their own. Of the rest everything but `metadata` and `status`
 * counts. Values of Secrets are masked unless `mask` is false. Pure.
 *
 * @example
 * const web = (replicas: number) => ({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web" }, spec: { replicas } })
 * driftOf(web(5), web(3))   // [{ op: "replace", path: "/spec/replicas", before: 5, after: 3 }]
 */
export function driftOf(live: KubeObject, answer: KubeObject, options: DriftOptions = {}): readonly FieldChange[] {
  const { ignore = [], mask = true, join = false } = options
  const before = removePointers(live, ignore)
  const after = removePointers(repairMetrics(answer), ignore)
  const marks = compareValues(marksOf(before), marksOf(after), { path: "", join })
  const rest = compareValues(restOf(before), restOf(after), { path: "", join })
  const changes = [...marks.filter(({ op }) => op !== "remove"), ...rest]
  const isSecret = answer.kind === "Secret" && answer.apiVersion === "v1"
  return mask && isSecret ? changes.map(maskChange) : changes
}

/** The annotations and labels of an object, as stated, and nothing else. */
export function marksOf(object: KubeObject): unknown {
  const { annotations, labels } = object.metadata ?? {}
  const marks = { ...(annotations === undefined ? {} : { annotations }), ...(labels === undefined ? {} : { labels }) }
  return Object.keys(marks).length === 0 ? {} : { metadata: marks }
}

function restOf(object: KubeObject): unknown {
  const { metadata: _metadata, status: _status, ...rest } = object
  return rest
}

function isExcluded({ metadata }: KubeObject, exclude: StringMap): boolean {
  return Object.entries(exclude).some(([key, value]) =>
    [metadata.labels, metadata.annotations].some(
      (map) => map && Object.hasOwn(map, key) && String(map[key]).toLowerCase() === value.toLowerCase(),
    ),
  )
}
