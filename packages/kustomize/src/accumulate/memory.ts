import type { Accumulator, Gather, Memory, Target } from "./context.ts"
import type { Files } from "../files.ts"
import type { FileTree, Located } from "../load/tree.ts"
import { copyShared, shareResource } from "../resource/resource.ts"
import type { Resource } from "../resource/resource.ts"
import { distinctKinds } from "../resource/resource-map.ts"

interface Reading<Value> {
  readonly bytes: Uint8Array
  readonly value: Value
}

/** What was read from a file, or `read` and remembered when its bytes are not the same. */
type Recall<Value> = (path: string, bytes: Uint8Array, read: () => Value) => Value

/** What a base was made of: what was found where, and the bytes that were read. */
interface Evidence {
  readonly located: Map<string, Located | undefined>
  readonly read: Map<string, Uint8Array>
}

interface RememberedBase extends Evidence {
  readonly accumulator: Accumulator
  readonly warnings: readonly string[]
  readonly bytes: number
  /** The files that it was last found to be current for, if they never change. */
  checked: WeakRef<Files> | undefined
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => a === b || Buffer.compare(a, b) === 0

/** Takes the oldest entries out until the rest weighs no more than `limit`. */
function evict<Value>(entries: Map<string, Value>, weigh: (value: Value) => number, limit: number): void {
  let weight = 0
  for (const value of entries.values()) weight += weigh(value)
  for (const [key, value] of entries) {
    if (weight <= limit) return
    weight -= weigh(value)
    entries.delete(key)
  }
}

function createRecall<Value>(limit: number): Recall<Value> {
  const files = new Map<string, Reading<Value>>()
  let weight = 0
  return (path, bytes, read) => {
    const known = files.get(path)
    if (known !== undefined && sameBytes(known.bytes, bytes)) return known.value
    const value = read()
    weight += bytes.byteLength - (known?.bytes.byteLength ?? 0)
    files.set(path, { bytes, value })
    if (weight > limit) {
      evict(files, (file) => file.bytes.byteLength, limit / 2)
      weight = [...files.values()].reduce((sum, file) => sum + file.bytes.byteLength, 0)
    }
    return value
  }
}

/** A memory of at most `limit` bytes of files, for manifests, for kustomization files and for bases each. */
export function createMemory(limit: number): Memory {
  const recallFile = createRecall<readonly Resource[]>(limit)
  const bases = new Map<string, RememberedBase>()
  return {
    readFile: (path, bytes, read) => recallFile(path, bytes, () => read().map(shareResource)).map(copyShared),
    readKustomization: createRecall(limit),
    async gatherBase(target, accumulator, gather) {
      const key = keyOf(target)
      const known = bases.get(key)
      if (known !== undefined && (await isCurrent(known, target))) {
        // What was used last is evicted last.
        bases.delete(key)
        bases.set(key, known)
        target.context.warnings.push(...known.warnings)
        return copyInto(accumulator, known.accumulator)
      }
      const gathered = await gatherWithEvidence(target, accumulator, gather)
      if (gathered === undefined) return
      bases.set(key, gathered)
      evict(bases, (base) => base.bytes, limit)
    },
  }
}

const keyOf = ({ loader, notedPath, context }: Target): string =>
  JSON.stringify([loader.root, notedPath, loader.unrestricted, context.notesOrigins, context.tracer !== undefined])

function copyInto(accumulator: Accumulator, { map, config, vars }: Accumulator): void {
  for (const resource of map.resources) accumulator.map.resources.push(copyShared(resource))
  accumulator.map.distinct = map.distinct
  accumulator.config = config
  for (const [name, variable] of vars) accumulator.vars.set(name, variable)
}

/** Gathers a base; absent when it depends on more than files. */
async function gatherWithEvidence(
  target: Target,
  accumulator: Accumulator,
  gather: Gather,
): Promise<RememberedBase | undefined> {
  const { context, loader } = target
  const evidence: Evidence = { located: new Map(), read: new Map([[target.path, target.bytes]]) }
  const [warnings, outside] = [context.warnings.length, context.outsideInputs]
  await gather({ ...target, loader: { ...loader, tree: recordingTree(loader.tree, evidence) } }, accumulator)
  if (context.outsideInputs !== outside) return undefined
  const { map, config, vars } = accumulator
  const shared = map.resources.map(shareResource)
  map.resources = shared.map(copyShared)
  map.distinct = distinctKinds(map)
  const copy: Accumulator = { map: { ...map, resources: shared, ids: undefined }, config, vars: new Map(vars) }
  const bytes = [...evidence.read.values()].reduce((sum, content) => sum + content.byteLength, 0)
  const checked = weakly(loader.tree.immutable)
  return { ...evidence, accumulator: copy, warnings: context.warnings.slice(warnings), bytes, checked }
}

const weakly = (files: Files | undefined): WeakRef<Files> | undefined => files && new WeakRef(files)

/** A tree that notes what it is asked. */
interface RecordingTree extends FileTree {
  /** Takes over the evidence of a base that was found to be current without a look. */
  adopt(evidence: Evidence): void
}

const isRecording = (tree: FileTree): tree is RecordingTree => "adopt" in tree

function recordingTree(tree: FileTree, { located, read }: Evidence): RecordingTree {
  return {
    immutable: tree.immutable,
    adopt(evidence) {
      for (const [path, found] of evidence.located) located.set(path, found)
      for (const [path, bytes] of evidence.read) read.set(path, bytes)
      if (isRecording(tree)) tree.adopt(evidence)
    },
    async locate(path) {
      const found = await tree.locate(path)
      located.set(path, found)
      return found
    },
    async read(path) {
      const bytes = await tree.read(path)
      read.set(path, bytes)
      return bytes
    },
  }
}

async function isCurrent(base: RememberedBase, { loader, context }: Target): Promise<boolean> {
  const { tree } = loader
  const { immutable } = tree
  if (immutable === undefined || base.checked?.deref() !== immutable) {
    if (!(await isUnchanged(base, tree))) return false
    base.checked = weakly(immutable)
    return true
  }
  // As if it had been read: for who is being remembered, and for the limits.
  if (isRecording(tree)) tree.adopt(base)
  context.budget.files += base.read.size
  context.budget.bytes += base.bytes
  return true
}

async function isUnchanged({ located, read }: Evidence, tree: FileTree): Promise<boolean> {
  for (const [path, found] of located) {
    const now = await tree.locate(path)
    if (now?.path !== found?.path || now?.type !== found?.type) return false
  }
  for (const [path, bytes] of read) if (!sameBytes(await tree.read(path), bytes)) return false
  return true
}
