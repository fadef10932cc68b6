import { SourceError } from "../error.ts"
import { selectVersions } from "../semver/select.ts"
import { parseRange } from "../semver/range.ts"
import { isOid } from "./oid.ts"
import type { RemoteRef } from "./protocol/advertisement.ts"

/** Which revision of a repository is wanted; without one: the branch that the remote's `HEAD` names. */
export type GitRef =
  /** The tip of a branch. */
  | { readonly branch: string }
  /** A tag, annotated or not. */
  | { readonly tag: string }
  /** The newest tag in a range of versions, in the dialect of Flux (`1.x`, `>=1.2.0-0 <2`). */
  | { readonly semver: string }
  /** A commit by its complete id; `branch` only gives the revision a name. */
  | { readonly commit: string; readonly branch?: string }
  /** Any ref by its full name: `refs/pull/1/head`. */
  | { readonly name: string }

/** What a ref came to. */
export interface Resolution {
  /** The text before the `@` of the revision; empty for a bare commit. */
  readonly name: string
  /** The commit. */
  readonly commit: string
  /** The annotated tag that led to it. */
  readonly tag?: string
}

/**
 * Checks a ref before anything is sent. Throws `InvalidReference` for names that git does not allow and for fields that
 * exclude each other, `InvalidVersion` for a range that cannot be read.
 */
export function checkRef(ref: GitRef | undefined): void {
  if (ref === undefined) return
  const fields = Object.entries(ref).filter(([, value]) => value !== undefined) as [string, string][]
  const kinds = fields
    .map(([field]) => field)
    .toSorted()
    .join("+")
  if (!["branch", "tag", "semver", "commit", "name", "branch+commit"].includes(kinds)) {
    throw new SourceError("InvalidReference", `a ref has one of branch, tag, semver, commit or name, not '${kinds}'`)
  }
  for (const [field, value] of fields) {
    if (field === "semver") parseRange(value)
    else if (field === "commit") {
      if (!isOid(value))
        throw new SourceError("InvalidReference", "a commit is given by its complete id (40 or 64 hexadecimal digits)")
    } else if (!isRefName(value) || (field === "name" && !value.startsWith("refs/") && value !== "HEAD")) {
      throw new SourceError(
        "InvalidReference",
        `'${value.slice(0, 100)}' is no ${field === "name" ? "full ref" : field} that git allows`,
      )
    }
  }
}

/** The rules of `git check-ref-format`. */
export function isRefName(name: string): boolean {
  if (name === "" || name.length > 1024 || name === "@" || name.startsWith("-")) return false
  if (/[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|\.$|^\/|\/$/.test(name)) return false
  return name.split("/").every((part) => !part.startsWith(".") && !part.endsWith(".lock"))
}

/** The prefixes that `ls-refs` needs to answer for `ref`; undefined when nothing has to be asked. */
export function refPrefixes(ref: GitRef | undefined): string[] | undefined {
  if (ref === undefined) return ["HEAD"]
  if ("commit" in ref) return undefined
  if ("branch" in ref) return [`refs/heads/${ref.branch}`]
  if ("tag" in ref) return [`refs/tags/${ref.tag}`]
  return "name" in ref ? [ref.name] : ["refs/tags/"]
}

/**
 * What `ref` means on a remote with `refs`. Several for a range whose highest version is there more than once (they
 * differ in build metadata only): the newest commit wins then. Throws `ReferenceNotFound`, `EmptyRepository`.
 */
export function resolveRef(
  ref: Exclude<GitRef, { commit: string }> | undefined,
  refs: readonly RemoteRef[],
): Resolution[] {
  if (ref === undefined) return [resolveHead(refs)]
  if ("semver" in ref) return resolveRange(ref.semver, refs)
  const [full, name] =
    "branch" in ref
      ? [`refs/heads/${ref.branch}`, ref.branch]
      : "tag" in ref
        ? [`refs/tags/${ref.tag}`, ref.tag]
        : [ref.name, ref.name]
  const found = refs.find((remote) => remote.name === full)
  if (found) return [resolutionOf(name, found)]
  throw new SourceError("ReferenceNotFound", `the repository has no ${full}`)
}

function resolutionOf(name: string, { oid, peeled }: RemoteRef): Resolution {
  return peeled === undefined ? { name, commit: oid } : { name, commit: peeled, tag: oid }
}

function resolveHead(refs: readonly RemoteRef[]): Resolution {
  const head = refs.find(({ name }) => name === "HEAD")
  if (!head) throw new SourceError("EmptyRepository", "the repository has no commit on its default branch")
  return { name: head.symref?.replace(/^refs\/heads\//, "") ?? "HEAD", commit: head.oid }
}

function resolveRange(range: string, refs: readonly RemoteRef[]): Resolution[] {
  const tags = new Map<string, RemoteRef>()
  for (const ref of refs) if (ref.name.startsWith("refs/tags/")) tags.set(ref.name.slice("refs/tags/".length), ref)
  const names = selectVersions(tags.keys(), range)
  if (names.length > 0) return names.map((name) => resolutionOf(name, tags.get(name)!))
  throw new SourceError(
    "ReferenceNotFound",
    `no match found for semver: ${range} (the repository has ${tags.size} tags)`,
  )
}
