import { readFileSync } from "node:fs"
import { join } from "node:path"
import { isJob } from "@gitops-toolkit/health"
import {
  decodeInventory,
  detectDrift,
  driftOf,
  compileSelector,
  encodeInventory,
  normalize,
  parseGroupKinds,
  setCommonMetadata,
  sortForApply,
  type Drift,
  type FieldChange,
  type ObjectSelector,
} from "@gitops-toolkit/reconcile"
import {
  equalJson,
  formatRef,
  groupOf,
  maskSecretPair,
  refOf,
  type InventoryEntry,
  type KubeObject,
  type StringMap,
} from "@gitops-toolkit/kube"
import { parseManifests } from "@gitops-toolkit/kube/manifest"
import { createCluster } from "@gitops-toolkit/testing"
import { saysImmutable } from "../../packages/reconcile/src/applying/failure.ts"
import { maskChange } from "../../packages/reconcile/src/diff/diff.ts"
import { removeInvalidCaBundle, repairMetrics } from "../../packages/reconcile/src/diff/normalize.ts"
import { marksOf } from "../../packages/reconcile/src/drift.ts"
import { unionOfRefs } from "../../packages/reconcile/src/inventory/sets.ts"
import { mayVanish } from "../../packages/reconcile/src/plan.ts"
import type { CaseResult, Conformance } from "./case.ts"

type Fields = { readonly [field: string]: unknown }
type Case = Fields & { readonly name: string; readonly op: string }
/** What our code makes of a case, to be compared with `expected`. */
type Run = (test: Case) => unknown

interface Operation {
  readonly op: FieldChange["op"]
  readonly path: string
  readonly oldValue?: unknown
  readonly value?: unknown
}

const change = ({ op, path, oldValue, value }: Operation): FieldChange => ({
  op,
  path,
  ...(oldValue === undefined ? {} : { before: oldValue }),
  ...(value === undefined ? {} : { after: value }),
})

const operation = ({ op, path, before, after }: FieldChange): Operation => ({
  op,
  path,
  ...(before === undefined ? {} : { oldValue: before }),
  ...(after === undefined ? {} : { value: after }),
})

const object = (value: unknown): KubeObject => value as KubeObject

function drift(test: Case): readonly Operation[] {
  const { ignore = [], rationalize: join = false } = (test["options"] ?? {}) as {
    ignore?: string[]
    rationalize?: boolean
  }
  return driftOf(object(test["current"]), object(test["dryRun"]), { ignore, join, mask: false }).map(operation)
}

// Only objects of a kind can be masked; upstream's function takes the bare data.
function sanitize(test: Case): unknown {
  const { old, new: next } = test["input"] as { readonly old?: Fields | null; readonly new?: Fields | null }
  const secret = (fields: Fields | null | undefined): KubeObject =>
    object({ apiVersion: "v1", kind: "Secret", metadata: {}, ...fields })
  const masked = maskSecretPair(secret(old), secret(next))
  const bare = (
    fields: Fields | null | undefined,
    { apiVersion: _v, kind: _k, metadata: _m, ...rest }: KubeObject,
  ): unknown => (fields ? rest : fields)
  // Upstream writes an absent new object as nothing, an absent old one as null.
  return { ...(next ? { new: bare(next, masked.after) } : {}), old: bare(old, masked.before) }
}

function matches(test: Case): boolean {
  const input = (test["input"] ?? {}) as {
    u?: Fields
    n?: string
    ns?: string
    labels?: StringMap
    annotations?: StringMap
  } & Fields
  const { group, version, kind, n, ns, labels, annotations, u } = input as { [field: string]: never }
  const selector = (test["selector"] ?? undefined) as ObjectSelector | undefined
  const apiVersion = version === undefined ? undefined : group ? `${group}/${version}` : version
  return compileSelector(selector)(
    object(u ?? { apiVersion, kind, metadata: { name: n, namespace: ns, labels, annotations } }),
  )
}

// Go's way to write absent.
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty)
  if (typeof value !== "object" || value === null) return value
  const kept = Object.entries(value).map(([key, item]) => [key, withoutEmpty(item)] as const)
  return Object.fromEntries(kept.filter(([, item]) => !isEmpty(item)))
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === "") return true
  return typeof value === "object" && !Array.isArray(value) && Object.keys(value).length === 0
}

function parseId(test: Case): unknown {
  try {
    const [ref] = decodeInventory([{ id: test["input"], v: "v1" }])
    return ref && { namespace: ref.namespace ?? "", name: ref.name, group: groupOf(ref.apiVersion), kind: ref.kind }
  } catch {
    return { error: true }
  }
}

function inventoryIds(entries: unknown): string[] {
  return encodeInventory(decodeInventory(entries)).map(({ id }) => id)
}

function inventoryDiff(test: Case): string[] {
  const kept = new Set(inventoryIds(test["new"]))
  return inventoryIds(test["old"]).filter((id) => !kept.has(id))
}

/** All entries of the lists of a case, in whatever order upstream has them. */
function inventoryMerge({ name: _name, op: _op, source: _source, expected, ...lists }: Case): unknown {
  const [stored, added] = Object.values(lists).filter(Array.isArray).map(decodeInventory)
  const merged = encodeInventory(unionOfRefs(stored ?? [], added ?? [])).map(({ id }) => id)
  const wanted = expected as readonly unknown[]
  return merged.length === wanted.length && wanted.every((id) => merged.includes(id as string)) ? wanted : merged
}

function caBundle(test: Case): unknown {
  const before = object(test["input"])
  const after = removeInvalidCaBundle(before)
  const bundle = (after.spec as CrdSpec | undefined)?.conversion?.webhook?.clientConfig?.caBundle
  return { removed: !equalJson(before, after), ...(bundle ? { caBundle: bundle } : {}) }
}

interface CrdSpec {
  readonly conversion?: { readonly webhook?: { readonly clientConfig?: { readonly caBundle?: string } } }
}

function commonMetadata(test: Case): unknown {
  const { labels, annotations } = test as unknown as { readonly labels: StringMap; readonly annotations: StringMap }
  const [changed] = setCommonMetadata(parseManifests(test["manifest"] as string), { labels, annotations })
  return { labelsInclude: changed?.metadata.labels, annotationsInclude: changed?.metadata.annotations }
}

async function dryRunDiff(test: Case): Promise<unknown> {
  const { ignorePaths, rationalize, maskSecrets, exclusionSelector } = (test["options"] ?? {}) as {
    readonly ignorePaths?: readonly string[]
    readonly rationalize?: boolean
    readonly maskSecrets?: boolean
    readonly exclusionSelector?: StringMap
  }
  await using cluster = createCluster()
  const placed = (value: unknown): KubeObject => {
    const given = object(value)
    return { ...given, metadata: { namespace: "default", ...given.metadata } }
  }
  if (test["cluster"]) await cluster.apply(placed(test["cluster"]), { fieldManager: "gitops-toolkit" })
  const { type, changes } = await detectDrift(cluster, placed(test["desired"]), {
    ignore: ignorePaths ?? [],
    join: rationalize ?? false,
    mask: maskSecrets ?? false,
    exclude: exclusionSelector ?? {},
  })
  return { type, patch: changes.map(operation) }
}

const runs: { readonly [op: string]: Run } = {
  sanitizeSecretPair: sanitize,
  maskSecretPatch: (test) => (test["input"] as Operation[]).map((item) => operation(maskChange(change(item)))),
  diffMetadata: drift,
  diffObject: drift,
  HasType: (test) => (test["types"] as string[]).includes(test["type"] as string),
  HasChanges: (test) => (test["types"] as Drift["type"][]).some((type) => type === "create" || type === "update"),
  MatchUnstructured: matches,
  MatchGVK: matches,
  MatchName: matches,
  MatchNamespace: matches,
  MatchAnnotationSelector: matches,
  MatchLabelSelector: matches,
  normalizeDryRun: (test) => withoutEmpty(repairMetrics(object(test["input"]))),
  normalize: (test) => withoutEmpty(normalize(object(test["input"]))),
  isImmutableError: (test) => saysImmutable(test["message"] as string),
  readObjects: (test) => ({ count: readObjects(test["manifest"] as string).length }),
  removeInvalidCABundle: caBundle,
  copyAnnotationsAndLabels: (test) => marksOf(object(test["input"])),
  isJob: (test) => isJob(object(test["object"])),
  extractJobsWithTTL: (test) => ({ count: (test["objects"] as KubeObject[]).filter(mayVanish).length }),
  parseGroupKindSet: (test) => parseGroupKinds(test["input"] as string),
  setCommonMetadata: commonMetadata,
  serverDryRunDiff: dryRunDiff,
  sort: (test) => sortForApply(test["objects"] as KubeObject[]).map((one) => idLike(one, test)),
  parseInventoryId: parseId,
  inventoryDiff,
  inventoryMerge,
}

/** The form of the ids is that of each source's own test: taken from what is expected. */
function idLike(one: KubeObject, { expected }: Case): string {
  const [first = ""] = expected as string[]
  return first.includes("/") ? formatRef(refOf(one)) : (encodeInventory([refOf(one)])[0] as InventoryEntry).id
}

// Upstream drops documents that are no objects and Kustomize's own; our reader refuses them, so they are asked one by one.
function readObjects(text: string): readonly KubeObject[] {
  const objects = text.split(/^---$/m).flatMap((part) => {
    try {
      return parseManifests(part)
    } catch {
      return []
    }
  })
  return objects.filter(({ apiVersion }) => groupOf(apiVersion) !== "kustomize.config.k8s.io")
}

const cases = (file: string): readonly Case[] =>
  readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Case)

function judge(test: Case, got: unknown): CaseResult {
  const { name, op: group } = test
  const expected = group.startsWith("normalize") ? withoutEmpty(test["expected"]) : test["expected"]
  if (equalJson(expected, got)) return { name, group, passed: true }
  return { name, group, passed: false, difference: `wanted ${JSON.stringify(expected)}, got ${JSON.stringify(got)}` }
}

const ssa: Conformance = async function* (corpus) {
  for (const file of ["cases.jsonl", "sort-inventory.jsonl"]) {
    for (const test of cases(join(corpus, file))) {
      const run = runs[test.op]
      const { name, op: group } = test
      if (!run) yield { name, group, passed: false, difference: "not run yet" }
      else {
        try {
          yield judge(test, await run(test))
        } catch (error) {
          yield { name, group, passed: false, difference: String(error) }
        }
      }
    }
  }
}

export default ssa
