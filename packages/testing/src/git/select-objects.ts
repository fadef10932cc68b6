import { parseCommit, parseTag, parseTree, type GitObject } from "./object.ts"
import type { GitRepository } from "./repository.ts"

/** What a client asks for and already has. */
export interface Selection {
  readonly wants: readonly string[]
  readonly haves: readonly string[]
  /** The commits whose parents the client lacks. */
  readonly clientShallow: ReadonlySet<string>
  /** Number of commits from each want; absent: all history (that is, up to `clientShallow`). */
  readonly depth?: number | undefined
  /** Leave out blobs, or trees and blobs, that are not wanted by id. */
  readonly filter?: "blob:none" | "tree:0" | undefined
}

/** The objects of an answer, and how the client's shallow boundary moves. */
export interface Selected {
  readonly objects: readonly GitObject[]
  readonly shallow: readonly string[]
  readonly unshallow: readonly string[]
}

/** Chooses what to send. Throws an `Error` when a wanted object does not exist. */
export function selectObjects(repository: GitRepository, selection: Selection): Selected {
  const { wants, haves, clientShallow, depth, filter } = selection
  const need = (oid: string): GitObject => {
    const object = repository.object(oid)
    if (!object) throw new Error(`upload-pack: not our ref ${oid}`)
    return object
  }
  const known = new Set<string>()
  for (const have of haves)
    if (repository.object(have)) visitCommits(repository, have, { shallow: clientShallow, visited: known })
  const boundary = depth === undefined ? undefined : commitsWithin(repository, wants, depth)
  const shallow = boundary ? [...boundary.edge].filter((oid) => !clientShallow.has(oid)) : []
  const unshallow = boundary ? [...clientShallow].filter((o) => boundary.inside.has(o) && !boundary.edge.has(o)) : []
  const stop = boundary ? boundary.edge : clientShallow
  const sent = new Map<string, GitObject>()
  const has = new Set<string>()
  for (const commit of known) markTree(repository, parseCommit(need(commit).data).tree, has)
  const reopened = new Set(unshallow)
  const queue = [...wants]
  for (let oid = queue.pop(); oid !== undefined; oid = queue.pop()) {
    if (sent.has(oid) || (known.has(oid) && !reopened.has(oid))) continue
    const object = need(oid)
    if (object.type === "tag") {
      sent.set(oid, object)
      queue.push(parseTag(object.data))
    } else if (object.type === "commit") {
      if (!known.has(oid)) sent.set(oid, object)
      const { tree, parents } = parseCommit(object.data)
      if (filter !== "tree:0") addTree(repository, tree, { sent, has, blobs: filter === undefined })
      if (!stop.has(oid)) queue.push(...parents)
    } else if (object.type === "tree") {
      addTree(repository, oid, { sent, has: new Set(), blobs: filter === undefined })
    } else sent.set(oid, object)
  }
  return { objects: [...sent.values()], shallow, unshallow }
}

interface CommitWalk {
  readonly shallow: ReadonlySet<string>
  readonly visited: Set<string>
}

function visitCommits(repository: GitRepository, from: string, { shallow, visited }: CommitWalk): void {
  const queue = [from]
  for (let oid = queue.pop(); oid !== undefined; oid = queue.pop()) {
    const object = repository.object(oid)
    if (!object || visited.has(oid)) continue
    if (object.type === "tag") queue.push(parseTag(object.data))
    if (object.type !== "commit") continue
    visited.add(oid)
    if (!shallow.has(oid)) queue.push(...parseCommit(object.data).parents)
  }
}

function commitsWithin(
  repository: GitRepository,
  wants: readonly string[],
  depth: number,
): { inside: ReadonlySet<string>; edge: ReadonlySet<string> } {
  const inside = new Set<string>()
  const edge = new Set<string>()
  let level = [...wants]
  for (let left = depth; left > 0 && level.length > 0; left--) {
    const next: string[] = []
    while (level.length > 0) {
      const oid = level.pop()!
      const object = repository.object(oid)
      if (object?.type === "tag") level.push(parseTag(object.data))
      if (object?.type !== "commit" || inside.has(oid)) continue
      inside.add(oid)
      const { parents } = parseCommit(object.data)
      if (left === 1 && parents.length > 0) edge.add(oid)
      next.push(...parents)
    }
    level = next
  }
  return { inside, edge }
}

function markTree(repository: GitRepository, tree: string, has: Set<string>): void {
  if (has.has(tree)) return
  has.add(tree)
  for (const { mode, oid } of parseTree(repository.object(tree)?.data ?? Buffer.alloc(0))) {
    if (mode === "40000") markTree(repository, oid, has)
    else has.add(oid)
  }
}

interface TreeWalk {
  readonly sent: Map<string, GitObject>
  readonly has: ReadonlySet<string>
  readonly blobs: boolean
}

function addTree(repository: GitRepository, tree: string, walk: TreeWalk): void {
  const object = repository.object(tree)
  if (!object || walk.has.has(tree) || walk.sent.has(tree)) return
  walk.sent.set(tree, object)
  for (const { mode, oid } of parseTree(object.data)) {
    if (mode === "40000") addTree(repository, oid, walk)
    else if (mode !== "160000" && walk.blobs && !walk.has.has(oid)) {
      const blob = repository.object(oid)
      if (blob) walk.sent.set(oid, blob)
    }
  }
}
