import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Bench, Figure } from "./figure.ts"
import { inProcess } from "./kustomize/in-process.ts"
import { bundle, compare, findKubectl, findKustomize, ours, run } from "./kustomize/process.ts"
import type { Program } from "./kustomize/process.ts"
import { largestTrees } from "./kustomize/real-world.ts"
import { writeTree } from "./kustomize/tree.ts"

interface Peers {
  readonly kustomize: Program
  readonly kubectl: Program | undefined
  readonly scratch: string
}

interface Size {
  readonly objects: number
  readonly layers: number
  readonly rounds: number
  /** The most that our time may be of kustomize's. */
  readonly wall: number
}

const sizes: readonly Size[] = [
  { objects: 10, layers: 2, rounds: 3, wall: 1.5 },
  { objects: 100, layers: 2, rounds: 2, wall: 1 },
  { objects: 1000, layers: 2, rounds: 3, wall: 1 / 25 },
  { objects: 1000, layers: 6, rounds: 1, wall: 1 / 25 },
]
const large: Size = { objects: 5000, layers: 2, rounds: 1, wall: 1 / 200 }

const nameOf = ({ objects, layers }: Size): string => `${objects} objects${layers > 2 ? `, ${layers} layers` : ""}`

const treeOf = ({ objects, layers }: Size, { scratch }: Peers): string =>
  writeTree(join(scratch, `${objects}-${layers}`), { objects, layers })

/** Beside kustomize 5.8.2, whose bytes must be ours, and beside the older one in kubectl. */
function* generated(size: Size, peers: Peers): Generator<Figure> {
  const name = nameOf(size)
  const { kustomize, kubectl, scratch } = peers
  const programs = [ours, kustomize, ...(kubectl === undefined ? [] : [kubectl])]
  const [mine, theirs, older] = compare(programs, treeOf(size, peers), { rounds: size.rounds, scratch })
  if (mine!.output !== theirs!.output) throw new Error(`${name}: the outputs differ`)
  yield { name: `${name}: wall`, unit: "ms", ours: mine!.ms, peer: theirs!.ms, better: "lower", goal: size.wall }
  if (older !== undefined) {
    const beside = `${name}: wall, beside kubectl kustomize`
    yield { name: beside, unit: "ms", ours: mine!.ms, peer: older.ms, better: "lower", goal: size.wall }
  }
  const memory: Figure = { name: `${name}: memory`, unit: "MiB", ours: mine!.memory, better: "lower", goal: 64 }
  yield size.objects <= 100 ? memory : { ...memory, peer: theirs!.memory, goal: 1.2 }
}

/** kustomize takes minutes for this one, so it is asked only when there is time. */
function* largest(peers: Peers, isLong: boolean): Generator<Figure> {
  if (isLong) {
    yield* generated(large, { ...peers, kubectl: undefined })
    return
  }
  const mine = run(ours, treeOf(large, peers), peers.scratch)
  const name = `${nameOf(large)}: wall, alone (with --long yes beside kustomize)`
  yield { name, unit: "ms", ours: mine.ms, better: "lower", goal: 2000 }
}

/** How time grows from 1,000 to 5,000 objects. */
function growth(peers: Peers): Figure {
  const ms = [sizes[2]!, large].map((size) => {
    const folder = treeOf(size, peers)
    return compare([ours], folder, { rounds: 1, scratch: peers.scratch })[0]!.ms
  })
  return { name: "time(5000) / time(1000)", unit: "x", ours: ms[1]! / ms[0]!, better: "lower", goal: 6 }
}

function* realWorld({ kustomize, scratch }: Peers): Generator<Figure> {
  for (const { name, folder } of largestTrees(5)) {
    const [mine, theirs] = compare([ours, kustomize], folder, { rounds: 2, scratch })
    if (mine!.output !== theirs!.output) throw new Error(`${name}: the outputs differ`)
    yield { name: `real world, ${name}`, unit: "ms", ours: mine!.ms, peer: theirs!.ms, better: "lower", goal: 1 }
  }
}

/** Whole processes against kustomize 5.8.2 on the same trees, then what only a library can do. */
const bench: Bench = async function* ({ flags }) {
  bundle()
  const scratch = mkdtempSync(join(tmpdir(), "gitops-bench-"))
  const peers: Peers = { kustomize: findKustomize(), kubectl: findKubectl(), scratch }
  try {
    yield* inProcess()
    for (const size of sizes) yield* generated(size, peers)
    yield* largest(peers, flags.has("long"))
    yield growth(peers)
    yield* realWorld(peers)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

export default bench
