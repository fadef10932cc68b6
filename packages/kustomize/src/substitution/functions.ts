import { matchedPrefix } from "./shell-pattern.ts"

/** Changes a value; `args` are the expanded arguments of its expression. */
export type SubstitutionFunction = (value: string, args: readonly string[]) => string

/** The text in place of an empty value. */
export const orDefault: SubstitutionFunction = (value, args) => (value === "" ? args.join("") : value)

const firstOf = (value: string): string => {
  const code = value.codePointAt(0)
  return code === undefined ? "" : String.fromCodePoint(code)
}

const changeFirst = (value: string, change: (character: string) => string): string => {
  const first = firstOf(value)
  return change(first) + value.slice(first.length)
}

const integer = (text: string | undefined): number | undefined =>
  text !== undefined && /^[-+]?[0-9]{1,15}$/.test(text) ? Number(text) : undefined

/** Part of a value; positions and lengths count bytes. */
export const substring: SubstitutionFunction = (value, [from, length]) => {
  const position = integer(from)
  if (position === undefined) return value
  const bytes = Buffer.from(value)
  const start = position < 0 ? Math.max(0, bytes.length + position) : position
  if (length === undefined) return bytes.subarray(start).toString()
  const count = integer(length)
  if (count === undefined) return value
  const end = count < 0 ? bytes.length + count : start + count
  return end <= start ? "" : bytes.subarray(start, end).toString()
}

const replaceOnce = (value: string, from: string, to: string): string => {
  const at = value.indexOf(from)
  return at < 0 ? value : value.slice(0, at) + to + value.slice(at + from.length)
}

type Ends = "shortest" | "longest"

function trimPrefix(value: string, pattern: string, which: Ends): string {
  const characters = Array.from(value)
  const matched = matchedPrefix(pattern, characters, which)
  return matched ? characters.slice(matched).join("") : value
}

const reverse = (text: string): string => Array.from(text).toReversed().join("")

const trimSuffix = (value: string, pattern: string, which: Ends): string =>
  reverse(trimPrefix(reverse(value), reverse(pattern), which))

const functions: { readonly [operator: string]: SubstitutionFunction } = {
  ",": (value) => changeFirst(value, (first) => first.toLowerCase()),
  ",,": (value) => value.toLowerCase(),
  "^": (value) => changeFirst(value, (first) => first.toUpperCase()),
  "^^": (value) => value.toUpperCase(),
  "#": (value, args) =>
    args.length === 0 ? String(Buffer.byteLength(value)) : trimPrefix(value, args[0]!, "shortest"),
  "##": (value, [pattern = ""]) => trimPrefix(value, pattern, "longest"),
  "%": (value, [pattern = ""]) => trimSuffix(value, pattern, "shortest"),
  "%%": (value, [pattern = ""]) => trimSuffix(value, pattern, "longest"),
  ":": substring,
  "/": (value, [from = "", to = ""]) => replaceOnce(value, from, to),
  "//": (value, [from = "", to = ""]) => (from === "" ? value : value.replaceAll(from, () => to)),
  "/#": (value, args) =>
    args.length === 2 && value.startsWith(args[0]!) ? args[1] + value.slice(args[0]!.length) : value,
  "/%": (value, args) =>
    args.length === 2 && value.endsWith(args[0]!) ? value.slice(0, value.length - args[0]!.length) + args[1] : value,
}

/** The function of an operator. All of `:-`, `:=`, `:+`, `:?` and `=` give a default, unlike in a shell. */
export function functionOf(operator: string): SubstitutionFunction {
  return Object.hasOwn(functions, operator) ? functions[operator]! : orDefault
}
