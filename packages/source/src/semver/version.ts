import { SourceError } from "../error.ts"

/** A semantic version; its numbers are exact up to 2^64 - 1, as in Masterminds/semver. */
export interface Version {
  readonly major: bigint
  readonly minor: bigint
  readonly patch: bigint
  /** `rc.1`; empty for a release. */
  readonly prerelease: string
  /** `build.5`; empty for none. Does not count in comparisons. */
  readonly metadata: string
  /** The text that was read, with its `v` and leading zeros. */
  readonly text: string
}

/**
 * How strictly a version is read:
 * `coerce` (default): an optional `v`, one to three numbers, leading zeros · `tag`: the same, with at least two dots (what
 * Flux takes for a version in a tag) · `exact`: as `coerce` without leading zeros · `strict`: semver 2.0.0.
 */
export type VersionForm = "coerce" | "tag" | "exact" | "strict"

const loose =
  /^v?([0-9]+)(?:\.([0-9]+))?(?:\.([0-9]+))?(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?$/
const maxPart = 2n ** 64n - 1n
/** Longer versions are refused unread, as Masterminds does. */
const maxVersionLength = 256

function read(text: string, form: VersionForm): Version | undefined {
  if (text.length > maxVersionLength) return undefined
  const match = loose.exec(text)
  if (!match) return undefined
  const [, major = "", minor, patch, prerelease = "", metadata = ""] = match
  const parts = [major, minor ?? "0", patch ?? "0"]
  if (form === "tag" && text.split(".").length < 3) return undefined
  if (form === "strict" && (patch === undefined || text.startsWith("v"))) return undefined
  if ((form === "strict" || form === "exact") && parts.some((part) => part.length > 1 && part.startsWith("0")))
    return undefined
  if (!isPrerelease(prerelease)) return undefined
  const [a, b, c] = parts.map(BigInt) as [bigint, bigint, bigint]
  if (a > maxPart || b > maxPart || c > maxPart) return undefined
  return { major: a, minor: b, patch: c, prerelease, metadata, text }
}

/**
 * Reads a version. Throws `InvalidVersion`.
 *
 * @example
 * parseVersion("v2025.02.03").minor   // 2n
 */
export function parseVersion(text: string, form: VersionForm = "coerce"): Version {
  const version = read(text, form)
  if (!version) throw new SourceError("InvalidVersion", `'${text.slice(0, 100)}' is no version`)
  return version
}

/**
 * True when `parseVersion` would read `text`.
 *
 * @example
 * isVersion("v1.2")   // true
 * isVersion("v1.2", "tag")   // false
 */
export function isVersion(text: string, form: VersionForm = "coerce"): boolean {
  return read(text, form) !== undefined
}

const identifiers = /^(?:[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/

/** True for an empty text, and for identifiers between dots whose numbers have no leading zeros. */
function isPrerelease(text: string): boolean {
  return identifiers.test(text) && !text.split(".").some((part) => /^0[0-9]+$/.test(part))
}

/**
 * The version in its full form, without `v` and leading zeros: `1.2.0-rc.1+build`.
 *
 * @example
 * printVersion(parseVersion("v2025.02"))   // "2025.2.0"
 */
export function printVersion({ major, minor, patch, prerelease, metadata }: Version): string {
  return `${major}.${minor}.${patch}${prerelease && `-${prerelease}`}${metadata && `+${metadata}`}`
}

/**
 * Negative, zero or positive as `a` is lower than, equal to or higher than `b` (semver 2.0.0, section 11).
 *
 * @example
 * ["1.10.0", "1.9.0", "1.10.0-rc.1"].map((text) => parseVersion(text)).toSorted(compareVersions).map(printVersion)
 * // ["1.9.0", "1.10.0-rc.1", "1.10.0"]
 */
export function compareVersions(a: Version, b: Version): number {
  for (const part of ["major", "minor", "patch"] as const) {
    if (a[part] !== b[part]) return a[part] < b[part] ? -1 : 1
  }
  if (a.prerelease === b.prerelease) return 0
  if (a.prerelease === "") return 1
  if (b.prerelease === "") return -1
  return comparePrereleases(a.prerelease, b.prerelease)
}

/** Compares two prerelease texts; an empty one is the lowest here. */
export function comparePrereleases(a: string, b: string): number {
  const [left, right] = [a.split("."), b.split(".")]
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const order = compareIdentifiers(left[i] ?? "", right[i] ?? "")
    if (order !== 0) return order
  }
  return 0
}

function compareIdentifiers(a: string, b: string): number {
  if (a === b) return 0
  if (a === "" || b === "") return a === "" ? -1 : 1
  const [x, y] = [numberOf(a), numberOf(b)]
  if (x === undefined && y === undefined) return a < b ? -1 : 1
  if (x === undefined || y === undefined) return x === undefined ? 1 : -1
  return x < y ? -1 : 1
}

function numberOf(text: string): bigint | undefined {
  if (!/^[0-9]+$/.test(text)) return undefined
  const value = BigInt(text)
  return value > maxPart ? undefined : value
}

/**
 * The next version, without prerelease and metadata; a prerelease's next patch is its release. A leading `v` stays.
 * Throws `SourceError` `InvalidVersion` for numbers beyond 2^64 − 1.
 *
 * @example
 * incrementVersion(parseVersion("v1.4.2"), "minor").text   // "v1.5.0"
 * incrementVersion(parseVersion("1.5.0-rc.1"), "patch").text   // "1.5.0"
 */
export function incrementVersion(version: Version, part: "major" | "minor" | "patch"): Version {
  const { major, minor, patch, prerelease } = version
  const next =
    part === "major"
      ? { major: major + 1n, minor: 0n, patch: 0n }
      : part === "minor"
        ? { major, minor: minor + 1n, patch: 0n }
        : { major, minor, patch: prerelease ? patch : patch + 1n }
  if (next.major > maxPart || next.minor > maxPart || next.patch > maxPart) {
    throw new SourceError("InvalidVersion", `there is no ${part} version after ${printVersion(version)}`)
  }
  return retext(version, { ...next, prerelease: "", metadata: "" })
}

/**
 * The version with another prerelease (empty: none). Throws `SourceError` `InvalidVersion` for anything but identifiers of
 * letters, digits and `-` between dots, and for numbers with leading zeros.
 *
 * @example
 * withPrerelease(parseVersion("v1.5.0"), "rc.1").text   // "v1.5.0-rc.1"
 */
export function withPrerelease(version: Version, prerelease: string): Version {
  if (!isPrerelease(prerelease))
    throw new SourceError("InvalidVersion", `'${prerelease.slice(0, 100)}' is no prerelease`)
  return retext(version, { ...version, prerelease })
}

/**
 * The version with other build metadata (empty: none). Throws `SourceError` `InvalidVersion` for anything but identifiers
 * of letters, digits and `-` between dots.
 *
 * @example
 * withMetadata(parseVersion("1.4.2"), "sha.5394cb7").text   // "1.4.2+sha.5394cb7"
 */
export function withMetadata(version: Version, metadata: string): Version {
  if (!identifiers.test(metadata)) throw new SourceError("InvalidVersion", `'${metadata.slice(0, 100)}' is no metadata`)
  return retext(version, { ...version, metadata })
}

function retext(before: Version, after: Omit<Version, "text">): Version {
  const prefix = before.text.startsWith("v") ? "v" : ""
  return { ...after, text: prefix + printVersion({ ...after, text: "" }) }
}
