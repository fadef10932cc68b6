import type { KubeObject } from "@gitops-toolkit/kube"
import { TestingError } from "../error.ts"

/** One change of one table. */
export interface StoredEvent {
  readonly revision: number
  readonly type: "ADDED" | "MODIFIED" | "DELETED"
  readonly key: string
  readonly object: KubeObject
  /** What was there before; absent for `ADDED`. */
  readonly previous?: KubeObject
  /** The bytes that were made of it, by form, for all watchers. */
  wire?: Map<string, Uint8Array>
}

/** Told of every change of one table, in order, while the change is made. */
export type StoreListener = (event: StoredEvent) => void

interface Table {
  readonly objects: Map<string, KubeObject>
  /** The keys in bytewise order; undefined when they are to be sorted anew. */
  sorted: readonly string[] | undefined
  /** The youngest changes; `lost` is the revision of the last one that was dropped. */
  events: StoredEvent[]
  lost: number
  readonly listeners: Set<StoreListener>
}

/** What `Store.snapshot` returns; opaque. */
export interface StoreSnapshot {
  readonly tables: ReadonlyMap<string, ReadonlyMap<string, KubeObject>>
}

/** The objects of one table at one revision, in key order. */
export interface StoreListing {
  readonly revision: number
  readonly entries: readonly (readonly [key: string, object: KubeObject])[]
}

/**
 * Objects by table (`deployments.apps`) and key (`prod/web`), one revision counter for all, and the youngest changes
 * of each table. Objects are immutable: a change replaces the object, and all readers share it.
 */
export class Store {
  readonly #tables = new Map<string, Table>()
  readonly #history: number
  readonly #everything = new Set<(table: string, event: StoredEvent) => void>()
  readonly #restored = new Set<() => void>()
  #revision = 1

  /** `history` is the number of changes that each table remembers for watches and continued lists. */
  constructor(history: number) {
    this.#history = history
  }

  /** The revision of the last change. */
  get revision(): number {
    return this.#revision
  }

  /** Counts a revision that belongs to no object. */
  bump(): number {
    return ++this.#revision
  }

  /** The object, or undefined. */
  get(table: string, key: string): KubeObject | undefined {
    return this.#tables.get(table)?.objects.get(key)
  }

  /** The number of objects of a table. */
  size(table: string): number {
    return this.#tables.get(table)?.objects.size ?? 0
  }

  /** The names of the tables that have objects. */
  tables(): string[] {
    return [...this.#tables].filter(([, table]) => table.objects.size > 0).map(([name]) => name)
  }

  /** Stores `object` under the next revision, which is written into it; returns what is stored. */
  put(table: string, key: string, object: KubeObject): KubeObject {
    const target = this.#table(table)
    const previous = target.objects.get(key)
    const revision = ++this.#revision
    const stored = withRevision(object, revision)
    target.objects.set(key, stored)
    if (!previous) target.sorted = undefined
    const event = { revision, key, object: stored }
    this.#publish(table, previous ? { ...event, type: "MODIFIED", previous } : { ...event, type: "ADDED" })
    return stored
  }

  /** Removes the object; returns its last state under the revision of the removal. */
  remove(table: string, key: string, last?: KubeObject): KubeObject | undefined {
    const target = this.#table(table)
    const previous = target.objects.get(key)
    if (!previous) return undefined
    const revision = ++this.#revision
    const gone = withRevision(last ?? previous, revision)
    target.objects.delete(key)
    target.sorted = undefined
    this.#publish(table, { revision, type: "DELETED", key, object: gone, previous })
    return gone
  }

  /** The objects whose key begins with `prefix`, in bytewise order of their keys. */
  list(table: string, prefix: string): StoreListing {
    const target = this.#tables.get(table)
    if (!target) return { revision: this.#revision, entries: [] }
    const keys = (target.sorted ??= [...target.objects.keys()].toSorted(bytewise))
    const entries: (readonly [string, KubeObject])[] = []
    for (let i = firstFrom(keys, prefix); i < keys.length; i++) {
      const key = keys[i]!
      if (!key.startsWith(prefix)) break
      entries.push([key, target.objects.get(key)!])
    }
    return { revision: this.#revision, entries }
  }

  /** The same as it was at `revision`, or undefined when that is forgotten. */
  listAt(table: string, prefix: string, revision: number): StoreListing | undefined {
    const target = this.#tables.get(table)
    if (!target) return { revision, entries: [] }
    if (revision < target.lost) return undefined
    if ((target.events.at(-1)?.revision ?? 0) <= revision) return { ...this.list(table, prefix), revision }
    const state = new Map(this.list(table, prefix).entries)
    for (let i = target.events.length - 1; i >= 0 && target.events[i]!.revision > revision; i--) {
      const event = target.events[i]!
      if (!event.key.startsWith(prefix)) continue
      if (event.previous) state.set(event.key, event.previous)
      else state.delete(event.key)
    }
    return { revision, entries: [...state].toSorted(([a], [b]) => bytewise(a, b)) }
  }

  /** The changes after `revision`, or undefined when some of them are forgotten. */
  since(table: string, revision: number): readonly StoredEvent[] | undefined {
    const target = this.#table(table)
    if (revision < target.lost) return undefined
    let first = target.events.length
    while (first > 0 && target.events[first - 1]!.revision > revision) first--
    return target.events.slice(first)
  }

  /** Tells `listener` of every later change of the table; returns what ends it. */
  subscribe(table: string, listener: StoreListener): () => void {
    const { listeners } = this.#table(table)
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }

  /** Tells `listener` of every later change of every table; returns what ends it. */
  subscribeAll(listener: (table: string, event: StoredEvent) => void): () => void {
    this.#everything.add(listener)
    return () => void this.#everything.delete(listener)
  }

  /** Tells `listener` of every later return to a snapshot, once it is done; returns what ends it. */
  onRestore(listener: () => void): () => void {
    this.#restored.add(listener)
    return () => void this.#restored.delete(listener)
  }

  /** Begins a table: its history starts now. A table that is there already stays as it is. */
  open(table: string): void {
    if (!this.#tables.has(table)) this.#table(table).lost = this.#revision
  }

  /** Forgets the changes up to now: watches and lists from older revisions are answered with 410. */
  forget(): void {
    for (const table of this.#tables.values()) {
      table.events = []
      table.lost = this.#revision
    }
  }

  /** The state of all tables; cheap, since objects are shared. */
  snapshot(): StoreSnapshot {
    return { tables: new Map([...this.#tables].map(([name, { objects }]) => [name, new Map(objects)])) }
  }

  /** Goes back to a snapshot. Revisions go on counting, history is forgotten. */
  restore(snapshot: StoreSnapshot): void {
    if (!(snapshot.tables instanceof Map))
      throw new TestingError("InvalidOptions", "restore() wants what snapshot() gave")
    this.#revision++
    for (const [name, table] of this.#tables) if (!snapshot.tables.has(name)) clear(table)
    for (const [name, objects] of snapshot.tables) {
      const table = this.#table(name)
      clear(table)
      for (const [key, object] of objects) table.objects.set(key, object)
    }
    this.forget()
    for (const listener of this.#restored) listener()
  }

  #table(name: string): Table {
    let table = this.#tables.get(name)
    if (!table) {
      table = { objects: new Map(), sorted: undefined, events: [], lost: 0, listeners: new Set() }
      this.#tables.set(name, table)
    }
    return table
  }

  #publish(name: string, event: StoredEvent): void {
    const table = this.#table(name)
    table.events.push(event)
    // Trimmed in halves, so that the cost of moving the rest is spread over many changes.
    if (table.events.length > 2 * this.#history) {
      const dropped = table.events.length - this.#history
      table.lost = table.events[dropped - 1]!.revision
      table.events = table.events.slice(dropped)
    }
    for (const listener of table.listeners) listener(event)
    for (const listener of this.#everything) listener(name, event)
  }
}

function clear(table: Table): void {
  table.objects.clear()
  table.sorted = undefined
}

function withRevision(object: KubeObject, revision: number): KubeObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } }
}

/** Order of the UTF-8 bytes: for the ASCII of names the order of code units. */
export function bytewise(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function firstFrom(keys: readonly string[], prefix: string): number {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (keys[middle]! < prefix) low = middle + 1
    else high = middle
  }
  return low
}
