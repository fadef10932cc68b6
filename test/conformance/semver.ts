// Version ranges as Flux reads them: Masterminds' verdicts, npm's fixtures with Masterminds' verdicts, choice of a tag.
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import {
  compareVersions,
  explainMismatch,
  incrementVersion,
  isRange,
  isVersion,
  parseRange,
  parseVersion,
  printRange,
  printVersion,
  satisfies,
  selectVersions,
  withMetadata,
  withPrerelease,
  type Version,
} from "@gitops-toolkit/source"
import { compilePattern } from "@gitops-toolkit/kube/pattern"
import { parse } from "yaml"
import { expandHyphens } from "../../packages/source/src/semver/range.ts"
import type { CaseResult, Conformance } from "./case.ts"

interface VersionCase {
  readonly name: string
  readonly op: string
  readonly constraint?: string
  readonly version?: string
  readonly other?: string
  readonly includePrerelease?: boolean
  readonly via?: string
  readonly how?: "major" | "minor" | "patch"
  readonly value?: string
  readonly mode?: string
  readonly input?: readonly string[]
  readonly loose?: boolean
  readonly expected: unknown
}

const attempt = <T>(run: () => T, failed: T): T => {
  try {
    return run()
  } catch {
    return failed
  }
}

// npm reads `= v1.2.3` as a version; Masterminds has no such form, and only the order is compared here.
const npmVersion = (text: string): Version => parseVersion(text.trim().replace(/^[=v\s]+/, ""))

const order = (test: VersionCase, read: (text: string) => Version): number =>
  Math.sign(compareVersions(read(test.version ?? ""), read(test.other ?? "")))

function changed(test: VersionCase, field: "prerelease" | "metadata"): unknown {
  const before = parseVersion(test.version ?? "")
  const change = field === "prerelease" ? withPrerelease : withMetadata
  const after = attempt<Version | undefined>(() => change(before, test.value ?? ""), undefined)
  const version = after ?? before
  return { version: printVersion(version), [field]: version[field], original: version.text, error: after === undefined }
}

function check(test: VersionCase): boolean {
  // The library's inner parser, which some cases go through, takes the empty text as `*`.
  const text = test.constraint === "" && test.via === "parseConstraint" ? "*" : (test.constraint ?? "")
  const { includePrerelease = false } = test
  return attempt(() => satisfies(parseVersion(test.version ?? ""), parseRange(text), { includePrerelease }), false)
}

const readers: Readonly<Record<string, (test: VersionCase) => unknown>> = {
  check,
  validateMessage: ({ constraint = "", version = "", includePrerelease = false }) =>
    explainMismatch(parseVersion(version), parseRange(constraint), { includePrerelease })[0],
  parseConstraint: ({ constraint = "" }) =>
    attempt<unknown>(() => ({ valid: true, version: printVersion(parseRange(constraint).groups[0]![0]!.version) }), {
      valid: false,
    }),
  constraintString: ({ constraint = "" }) => printRange(parseRange(constraint)),
  rewriteRange: ({ constraint = "" }) => expandHyphens(constraint),
  newConstraint: ({ constraint = "" }) => {
    if (!isRange(constraint)) return { valid: false }
    const { groups } = parseRange(constraint)
    return { valid: true, orGroups: groups.length, firstGroupSize: groups[0]!.length }
  },
  strictVersion: ({ version = "" }) => ({ valid: isVersion(version, "strict") }),
  newVersion: ({ version = "", mode }) => ({ valid: isVersion(version, mode === "loose" ? "coerce" : "exact") }),
  versionString: ({ version = "" }) => attempt<unknown>(() => printVersion(parseVersion(version)), undefined),
  compare: (test) => order(test, parseVersion),
  lt: (test) => order(test, parseVersion) < 0,
  lte: (test) => order(test, parseVersion) <= 0,
  gt: (test) => order(test, test.loose === undefined ? parseVersion : npmVersion) > 0,
  gte: (test) => order(test, parseVersion) >= 0,
  eq: (test) => order(test, npmVersion) === 0,
  increment: ({ version = "", how = "patch" }) => {
    const next = incrementVersion(parseVersion(version), how)
    return { version: printVersion(next), original: next.text }
  },
  setPrerelease: (test) => changed(test, "prerelease"),
  setMetadata: (test) => changed(test, "metadata"),
  validatePrerelease: ({ value = "" }) => ({
    valid: attempt(() => withPrerelease(parseVersion("1.2.3"), value) !== undefined, false),
  }),
  validateMetadata: ({ value = "" }) => ({
    valid: attempt(() => withMetadata(parseVersion("1.2.3"), value) !== undefined, false),
  }),
  parts: (test) => partsOf(test),
  sort: ({ input = [] }) =>
    input
      .map((text) => parseVersion(text))
      .toSorted(compareVersions)
      .map(printVersion),
}

function partsOf(test: VersionCase): unknown {
  const version = npmVersion(test.version ?? "")
  const { prerelease, metadata } = version
  const numbers = { major: Number(version.major), minor: Number(version.minor), patch: Number(version.patch) }
  if (!Array.isArray((test.expected as { prerelease: unknown }).prerelease)) return { ...numbers, prerelease, metadata }
  const list = (text: string): unknown[] => (text === "" ? [] : text.split("."))
  const identifiers = list(prerelease).map((part) => (/^\d+$/.test(String(part)) ? Number(part) : part))
  return { ...numbers, prerelease: identifiers, build: list(metadata) }
}

interface Tag {
  readonly tag: string
  readonly commitTime?: string
  readonly created?: string
}

interface SelectCase {
  readonly name: string
  readonly kind: string
  readonly tags?: readonly Tag[]
  readonly constraint?: string
  readonly filter?: string
  readonly regexFilter?: string
  readonly mediaType?: string
  readonly includeCosignArtifacts?: boolean
  readonly version?: string
  readonly input?: readonly string[]
  readonly expected: {
    readonly tag?: string
    readonly error?: unknown
    readonly anyOf?: readonly string[]
    readonly tags?: readonly string[]
  }
}

const helmLayer = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"

function best(test: SelectCase): string | undefined {
  const { tags = [], constraint = "", kind } = test
  const helm = kind === "oci" && test.mediaType === helmLayer
  const plain = (name: string): string => (helm ? name.replaceAll("_", "+") : name)
  if (kind === "helm" && tags.some(({ tag }) => tag === constraint)) return constraint
  const filter = test.filter === undefined ? undefined : compilePattern(test.filter)
  const names = new Map(tags.filter(({ tag }) => filter?.test(tag) ?? true).map((tag) => [plain(tag.tag), tag]))
  const found = selectVersions(names.keys(), constraint === "" ? "*" : constraint).map((name) => names.get(name)!)
  const time = ({ commitTime, created }: Tag): number => Date.parse(commitTime ?? created ?? "1970-01-01")
  return found.toSorted((a, b) => time(a) - time(b)).at(-1)?.tag
}

function listed(test: SelectCase): string[] {
  const filter = test.regexFilter === undefined ? undefined : compilePattern(test.regexFilter)
  const isCosign = (tag: string): boolean => /^sha256-[0-9a-f]{64}\.(?:sig|att|sbom)$/.test(tag)
  const range = test.constraint === undefined ? undefined : parseRange(test.constraint)
  return (test.tags ?? [])
    .map(({ tag }) => tag)
    .filter((tag) => (test.includeCosignArtifacts || !isCosign(tag)) && (filter?.test(tag) ?? true))
    .filter((tag) => !range || (isVersion(tag, "tag") && satisfies(parseVersion(tag, "tag"), range)))
}

function judge(test: SelectCase): [ours: unknown, passed: boolean] {
  const { expected } = test
  if (test.kind === "parseVersion") {
    const ours = { valid: isVersion(test.version ?? "", "tag") }
    return [ours, ours.valid === (expected as { valid?: boolean }).valid]
  }
  if (test.kind === "ociList") {
    const ours = listed(test)
    return [ours, JSON.stringify(ours.toSorted()) === JSON.stringify([...(expected.tags ?? [])].toSorted())]
  }
  if (test.kind === "sortDescending") {
    const ours = sorted(test)
    return [ours, JSON.stringify(ours) === JSON.stringify(expected.tags ?? expected)]
  }
  const ours = best(test)
  if (expected.error !== undefined) return [ours, ours === undefined]
  return [ours, expected.anyOf ? expected.anyOf.includes(ours ?? "") : ours === expected.tag]
}

function sorted(test: SelectCase): string[] {
  const range = test.constraint === undefined ? undefined : parseRange(test.constraint)
  const names = (test.tags ?? test.input ?? []).map((tag) => (typeof tag === "string" ? tag : tag.tag))
  return names
    .filter((tag) => isVersion(tag, "tag") && (!range || satisfies(parseVersion(tag, "tag"), range)))
    .toSorted((a, b) => compareVersions(parseVersion(b, "tag"), parseVersion(a, "tag")))
}

// Keys in one order, so that objects can be compared as text.
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    inner && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )

const suite: Conformance = async function* (corpus) {
  for (const file of ["masterminds.jsonl", "node-semver.jsonl"]) {
    if (!existsSync(join(corpus, file))) continue
    for (const line of readFileSync(join(corpus, file), "utf8").split("\n")) {
      if (line.trim() === "") continue
      const test = JSON.parse(line) as VersionCase
      const reader = readers[test.op]
      const verdicts = test.expected as { masterminds?: unknown } | undefined
      const wanted = test.op === "check" && file.startsWith("node") ? verdicts?.masterminds : test.expected
      const expected = canonical(typeof wanted === "boolean" || test.op !== "check" ? wanted : false)
      const ours = reader ? attempt(() => canonical(reader(test)), "an exception") : `no reader for ${test.op}`
      const result: CaseResult = { name: test.name, group: file, passed: ours === expected }
      yield result.passed ? result : { ...result, difference: `expected ${expected}, got ${ours}` }
    }
  }
  const select = join(corpus, "flux-select.yaml")
  if (!existsSync(select)) return
  for (const test of (parse(readFileSync(select, "utf8")) as { cases: SelectCase[] }).cases) {
    const [ours, passed] = attempt<[unknown, boolean]>(
      () => judge(test),
      ["an exception", test.expected.error !== undefined],
    )
    const difference = `expected ${JSON.stringify(test.expected)}, got ${JSON.stringify(ours)}`
    yield { name: test.name, group: "flux-select.yaml", passed, ...(passed ? {} : { difference }) }
  }
}

export default suite
