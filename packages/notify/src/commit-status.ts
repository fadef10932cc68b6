import { NotifyError } from "./error.ts"
import type { Metadata, Notification } from "./notification.ts"

/**
 * `kind/name` in lower case.
 *
 * @example
 * nameOf(parseNotification('{"involvedObject":{"kind":"Kustomization","name":"apps"},"severity":"info"}'))   // "kustomization/apps"
 */
export function nameOf({ involvedObject }: Notification): string {
  return `${involvedObject.kind ?? ""}/${involvedObject.name ?? ""}`.toLowerCase()
}

/**
 * A reason for people: split at its capitals and digits, in lower case.
 *
 * @example
 * describeReason("ReconciliationSucceeded")   // "reconciliation succeeded"
 */
export function describeReason(reason: string): string {
  const words = reason.match(/\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|\p{Lu}|\p{Nd}+|[^\p{Lu}\p{Ll}\p{Nd}]+/gu)
  return (words ?? []).join(" ").toLowerCase()
}

/**
 * The name under which a commit's statuses are kept: `kind/name/<first block of the sender's UID>` in lower case.
 *
 * @example
 * const told = parseNotification('{"involvedObject":{"kind":"Kustomization","name":"apps"},"severity":"info"}')
 * defaultCommitStatus(told, "0c9c2e41-d2f9-4f9b-9c5d-7d5f8b8a4c3e")   // "kustomization/apps/0c9c2e41"
 */
export function defaultCommitStatus(notification: Notification, senderId: string): string {
  return `${nameOf(notification)}/${senderId.split("-")[0] ?? ""}`.toLowerCase()
}

/**
 * The commit that metadata names: under `commit`, else `originRevision`, else `revision`.
 * Throws `NotifyError` `InvalidEvent` when there is none.
 *
 * @example
 * commitOf({ revision: "main@sha1:69b59063470310ebbd88a9156325322a124e55a3" })   // "69b59063470310ebbd88a9156325322a124e55a3"
 */
export function commitOf(metadata: Metadata | undefined): string {
  const revision = metadata?.["commit"] ?? metadata?.["originRevision"] ?? metadata?.["revision"]
  if (revision === undefined) throw new NotifyError("InvalidEvent", "missing revision metadata")
  return parseRevision(revision)
}

/**
 * The commit of a revision: `main@sha1:<hex>`, `sha1:<hex>`, and the old `main/<hex>` and `<hex>`.
 * Throws `NotifyError` `InvalidEvent` when the text names no SHA-1.
 *
 * @example
 * parseRevision("main@sha1:69b59063470310ebbd88a9156325322a124e55a3")   // "69b59063470310ebbd88a9156325322a124e55a3"
 */
export function parseRevision(revision: string): string {
  const digest = revision.slice(revision.lastIndexOf("@") + 1)
  const hash = digest.startsWith("sha1:") ? digest.slice(5) : revision.slice(revision.lastIndexOf("/") + 1)
  if (/^[0-9a-f]{40}$/.test(hash)) return hash
  throw new NotifyError("InvalidEvent", "the revision names no commit")
}

/** A repository: the forge's address, and the path without `.git`. */
export interface GitAddress {
  /** `https://github.com`; ssh addresses give https. */
  readonly host: string
  /** `owner/repository`, deeper on GitLab. */
  readonly id: string
}

/**
 * Reads the address of a repository: `https://…`, `ssh://…` and `git@host:path`. User and password are dropped;
 * a port stays, save ssh's own 22. Throws `NotifyError` `InvalidConfig`.
 *
 * @example
 * parseGitAddress("git@gitlab.com:acme/platform/fleet.git")   // { host: "https://gitlab.com", id: "acme/platform/fleet" }
 */
export function parseGitAddress(address: string): GitAddress {
  const scp = /^(?:[^@/:]+@)?([^/:]+):(?!\/\/)(.+)$/.exec(address)
  const url = URL.parse(scp ? `ssh://${scp[1]}/${scp[2]}` : address)
  if (!url || url.host === "") throw new NotifyError("InvalidConfig", "the address is no repository's")
  const scheme = url.protocol === "ssh:" ? "https:" : url.protocol
  const host = url.protocol === "ssh:" && url.port === "22" ? url.hostname : url.host
  const id = url.pathname.replace(/^\/+/, "").replace(/\.git$/, "")
  return { host: `${scheme}//${host}`, id }
}

/** A status as forges keep it. */
export interface CommitStatus {
  readonly state: string
  readonly context: string
  readonly description: string
}

/**
 * True when the newest of `existing` (newest first) with the same context says the same already.
 *
 * @example
 * const status = { state: "success", context: "kustomization/apps", description: "reconciliation succeeded" }
 * isDuplicateStatus([status, { ...status, state: "failure" }], status)   // true
 * isDuplicateStatus([{ ...status, state: "failure" }, status], status)   // false
 */
export function isDuplicateStatus(existing: readonly CommitStatus[], status: CommitStatus): boolean {
  const newest = existing.find(({ context }) => context === status.context)
  return newest?.state === status.state && newest.description === status.description
}
