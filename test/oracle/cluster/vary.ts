import type { Json } from "./bodies.ts"

/** Numbers in [0, 1) that depend on nothing but the seed. */
export type Random = () => number

/** A reproducible source of numbers. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** One of the choices. */
export function pick<Choice>(random: Random, choices: readonly Choice[]): Choice {
  return choices[Math.floor(random() * choices.length)]!
}

/** The way to a value: names of members and indexes of items. */
export type Path = readonly (string | number)[]

/** One change of a body: at `path`, to `value`; `undefined` drops the member. */
export interface Change {
  readonly path: Path
  readonly value: unknown
  readonly label: string
}

const isMap = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value)

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (Array.isArray(value)) return [path, ...value.flatMap((item, index) => pathsOf(item, [...path, index]))]
  if (isMap(value))
    return [path, ...Object.entries(value).flatMap(([name, member]) => pathsOf(member, [...path, name]))]
  return [path]
}

/** The value at a path. */
export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Json | undefined)?.[key as string], value)
}

/** A copy with one change. */
export function changed(value: unknown, path: Path, to: unknown): unknown {
  const [head, ...rest] = path
  if (head === undefined) return to
  if (Array.isArray(value)) {
    const items = value.map((item, index) => (index === head ? changed(item, rest, to) : (item as unknown)))
    return items.filter((item) => item !== undefined)
  }
  const { [head as string]: inner, ...others } = (value ?? {}) as Json
  const next = changed(inner, rest, to)
  return next === undefined ? others : { ...(value as Json), [head as string]: next }
}

const texts = [
  "",
  "Bad Value!",
  "UPPER",
  "-a",
  "a.b",
  "a/b/c",
  "x".repeat(64),
  "x".repeat(254),
  "1",
  "ümlaut",
  "Unknown",
  " a",
  "10.0.0.300",
  "150%",
]
const numbers = [-1, 0, 1, 2, 3, 101, 65_536, 2_147_483_648, 1_000_000_000_000, 1.5]

function otherValues(value: unknown): readonly unknown[] {
  if (typeof value === "string") return texts
  if (typeof value === "number") return numbers
  if (typeof value === "boolean") return [!value]
  if (Array.isArray(value)) return [[], value.length > 0 ? [...(value as unknown[]), value[0]] : ["a"], [null]]
  if (isMap(value)) return [{}, { ...value, unknownField: 1 }, { ...value, "bad key!": "x" }]
  return ["x", 1, {}]
}

function wrongType(value: unknown): unknown {
  if (typeof value === "string") return 5
  if (typeof value === "number" || typeof value === "boolean") return "text"
  return Array.isArray(value) ? {} : []
}

/** A random change of a body's content; its name, kind and group stay as they are, mostly. */
export function vary(random: Random, body: Json): Change {
  const fixed = new Set(["apiVersion", "kind"])
  const paths = pathsOf(body).filter(
    ([head, next]) =>
      head !== undefined && !fixed.has(String(head)) && next !== "name" && (next !== undefined || head !== "metadata"),
  )
  const path: Path = paths.length === 0 ? ["spec"] : pick(random, paths)
  const value = valueAt(body, path)
  const shown = path.join(".")
  const roll = random()
  if (roll < 0.3) return { path, value: undefined, label: `${shown} dropped` }
  if (roll < 0.36) return { path, value: null, label: `${shown} null` }
  if (roll < 0.42) return { path, value: wrongType(value), label: `${shown} of another type` }
  const next = pick(random, otherValues(value))
  return { path, value: next, label: `${shown} = ${JSON.stringify(next)?.slice(0, 40)}` }
}
