import { SourceError } from "../error.ts"
import { comparePrereleases, compareVersions, isVersion, parseVersion, printVersion, type Version } from "./version.ts"

/** One comparison of a range: `>=1.2`. */
export interface VersionComparator {
  /** As written: empty, `=`, `!=`, `>`, `<`, `>=`, `=>`, `<=`, `=<`, `~`, `~>` or `^`. */
  readonly operator: string
  /** The version as written: `1.x`. */
  readonly text: string
  /** The version with 0 for what is missing or a wildcard. */
  readonly version: Version
  /** How many of the three numbers were given. */
  readonly precision: 0 | 1 | 2 | 3
}

/** A range of versions: one of the groups must hold, and of a group every comparison. */
export interface VersionRange {
  readonly text: string
  readonly groups: readonly (readonly VersionComparator[])[]
}

/** Options of `satisfies` and `explainMismatch`. */
export interface SatisfyOptions {
  /** Let prereleases in even where no comparison of the group names one; default false. */
  readonly includePrerelease?: boolean
}

/** Masterminds' own bounds. */
const maxRangeLength = 512
const maxGroups = 32
const partial = String.raw`v?[0-9|xX*]+(?:\.[0-9|xX*]+)?(?:\.[0-9|xX*]+)?(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?`
const blank = String.raw`[\t\n\f\r ]`
const comparatorAt = new RegExp(String.raw`${blank}*(!=|>=|=>|<=|=<|~>|[=<>~^]|)${blank}*(${partial})(${blank}*)`, "y")
const hyphenRange = new RegExp(String.raw`${blank}*(${partial})${blank}+-${blank}+(${partial})${blank}*`, "g")
const separatorAt = new RegExp(String.raw`,${blank}*`, "y")
const pieces = /^v?([0-9|xX*]+)(?:\.([0-9|xX*]+))?(?:\.([0-9|xX*]+))?(-[^+]+)?/

const invalid = (text: string): SourceError =>
  new SourceError("InvalidVersion", `'${text.slice(0, 100)}' is no range of versions (write * for any)`)

/**
 * Reads a range in the dialect of Masterminds/semver, which Flux and Helm use: comparisons are joined by a comma or a
 * blank, alternatives by `||`; `=`, `!=`, `>`, `<`, `>=`, `<=`, `~`, `^`, `x` and `*` wildcards, `1.2 - 1.4`.
 * A prerelease in one comparison of a group admits prereleases of all versions in that group (`>=1.0.0-0`).
 * Throws `InvalidVersion`, for the empty text too.
 *
 * @example
 * satisfies(parseVersion("1.4.0"), parseRange(">=1.2, <2 || ^3.1"))   // true
 */
export function parseRange(text: string): VersionRange {
  if (text.length > maxRangeLength) throw invalid(text)
  const groups = expandHyphens(text).split("||")
  if (groups.length > maxGroups) throw invalid(text)
  return { text, groups: groups.map(parseGroup) }
}

/**
 * True when `parseRange` would read `text`.
 *
 * @example
 * isRange(">=1.2 <2")   // true
 * isRange("latest")   // false
 */
export function isRange(text: string): boolean {
  try {
    parseRange(text)
    return true
  } catch (error) {
    if (error instanceof SourceError) return false
    throw error
  }
}

/** `1.2 - 1.4` as two comparisons; what is no such range stays as it is. */
export function expandHyphens(text: string): string {
  return text.replace(hyphenRange, (_, low: string, high: string) => `>= ${low}, <= ${high} `)
}

function parseGroup(text: string): VersionComparator[] {
  const comparators: VersionComparator[] = []
  for (let at = 0; ;) {
    comparatorAt.lastIndex = at
    const match = comparatorAt.exec(text)
    if (!match) throw invalid(text)
    const [all, operator = "", version = "", space = ""] = match
    comparators.push(parseComparator(operator, version))
    at += all.length
    if (at === text.length) return comparators
    separatorAt.lastIndex = at
    const comma = separatorAt.exec(text)
    if (!comma && space === "") throw invalid(text)
    at += comma?.[0].length ?? 0
  }
}

const isWildcard = (part: string | undefined): boolean =>
  part === undefined || part === "x" || part === "X" || part === "*"

function parseComparator(operator: string, text: string): VersionComparator {
  const [, major, minor, patch, prerelease = ""] = pieces.exec(text) ?? []
  const parts = [major, minor, patch]
  const wildcard = parts.findIndex(isWildcard)
  const precision = (wildcard < 0 ? 3 : wildcard) as 0 | 1 | 2 | 3
  const version =
    precision === 3 ? text : `${[0, 1, 2].map((i) => (i < precision ? parts[i] : "0")).join(".")}${prerelease}`
  if (!isVersion(version)) throw invalid(text)
  return { operator, text, version: parseVersion(version), precision }
}

/**
 * The range in its short form: `2.x >=1.2.3 || >4.5.6`.
 *
 * @example
 * printRange(parseRange(">= 1.2.3, 2.x || > 4.5.6"))   // ">=1.2.3 2.x || >4.5.6"
 */
export function printRange({ groups }: VersionRange): string {
  return groups.map((group) => group.map(({ operator, text }) => operator + text).join(" ")).join(" || ")
}

const admitsPrereleases = (group: readonly VersionComparator[]): boolean =>
  group.some(({ version }) => version.prerelease !== "")

/**
 * True when `version` lies in `range`.
 *
 * @example
 * satisfies(parseVersion("1.5.0-rc.1"), parseRange("1.x"))   // false
 * satisfies(parseVersion("1.5.0-rc.1"), parseRange("1.x"), { includePrerelease: true })   // true
 */
export function satisfies(version: Version, range: VersionRange, options: SatisfyOptions = {}): boolean {
  return range.groups.some((group) => {
    if (version.prerelease !== "" && !options.includePrerelease && !admitsPrereleases(group)) return false
    return group.every((comparator) => mismatch(version, comparator) === undefined)
  })
}

/**
 * Why `version` lies outside `range`, one sentence for each comparison that fails; empty when it lies inside.
 *
 * @example
 * explainMismatch(parseVersion("2.1.0"), parseRange("^1.2"))   // ['"2.1.0" does not have same major version as "1.2"']
 */
export function explainMismatch(version: Version, range: VersionRange, options: SatisfyOptions = {}): string[] {
  if (satisfies(version, range, options)) return []
  const reasons: string[] = []
  for (const group of range.groups) {
    if (version.prerelease !== "" && !options.includePrerelease && !admitsPrereleases(group)) {
      const reason = `"${printVersion(version)}" is a prerelease version and the constraint is only looking for release versions`
      if (!reasons.includes(reason)) reasons.push(reason)
    } else {
      for (const comparator of group) {
        const reason = mismatch(version, comparator)
        if (reason !== undefined) reasons.push(`"${printVersion(version)}" ${reason}`)
      }
    }
  }
  return reasons
}

/** The end of the sentence `"1.2.3" …` when `version` does not satisfy the comparator. */
function mismatch(version: Version, comparator: VersionComparator): string | undefined {
  const { operator, text, version: bound, precision } = comparator
  switch (operator) {
    case "!=":
      return isExcluded(version, comparator) ? `is equal to "${text}"` : undefined
    case ">":
      return isAbove(version, comparator) ? undefined : `is less than or equal to "${text}"`
    case "<":
      return compareVersions(version, bound) < 0 ? undefined : `is greater than or equal to "${text}"`
    case ">=":
    case "=>":
      return compareVersions(version, bound) >= 0 ? undefined : `is less than "${text}"`
    case "<=":
    case "=<":
      return isAtMost(version, comparator) ? undefined : `is greater than "${text}"`
    case "^":
      return caretMismatch(version, comparator)
    case "~":
    case "~>":
      return tildeMismatch(version, comparator)
    default:
      if (precision < 3) return tildeMismatch(version, comparator)
      return compareVersions(version, bound) === 0 ? undefined : `is not equal to "${text}"`
  }
}

function isExcluded(version: Version, { version: bound, precision }: VersionComparator): boolean {
  // Masterminds reads `!=*` as `!=0.0.0`.
  if (precision === 3 || precision === 0) return compareVersions(version, bound) === 0
  if (version.major !== bound.major) return false
  if (precision === 1) return true
  if (version.minor !== bound.minor) return false
  return !(version.prerelease || bound.prerelease) || comparePrereleases(version.prerelease, bound.prerelease) === 0
}

function isAbove(version: Version, { version: bound, precision }: VersionComparator): boolean {
  if (precision === 3) return compareVersions(version, bound) > 0
  if (version.major !== bound.major) return version.major > bound.major
  if (precision === 1) return false
  if (precision === 2) return version.minor > bound.minor
  return compareVersions(version, bound) > 0
}

function isAtMost(version: Version, { version: bound, precision }: VersionComparator): boolean {
  if (precision === 3) return compareVersions(version, bound) <= 0
  if (version.major !== bound.major) return version.major < bound.major
  return precision === 1 || version.minor <= bound.minor
}

function tildeMismatch(version: Version, { text, version: bound, precision }: VersionComparator): string | undefined {
  if (compareVersions(version, bound) < 0) return `is less than "${text}"`
  // Masterminds: a complete 0.0.0, and a wildcard in the first place, take everything from there on.
  if ((precision === 3 || precision === 0) && isZero(bound)) return undefined
  if (version.major !== bound.major) return `does not have same major version as "${text}"`
  if (version.minor !== bound.minor && precision !== 1) return `does not have same major and minor version as "${text}"`
  return undefined
}

const isZero = ({ major, minor, patch }: Version): boolean => major === 0n && minor === 0n && patch === 0n

function caretMismatch(version: Version, { text, version: bound, precision }: VersionComparator): string | undefined {
  if (compareVersions(version, bound) < 0) return `is less than "${text}"`
  if (version.major !== bound.major) return `does not have same major version as "${text}"`
  if (bound.major > 0n || precision === 1) return undefined
  if (bound.minor > 0n || precision === 2) {
    if (version.minor === bound.minor) return undefined
    return `does not have same minor version as "${text}". Expected minor versions to match when constraint major version is 0`
  }
  if (version.minor > 0n) return `does not have same minor version as "${text}"`
  if (version.patch === bound.patch) return undefined
  return `does not equal "${text}". Expect version and constraint to equal when major and minor versions are 0`
}
