import { createHash } from "node:crypto"
import { SourceError } from "../error.ts"
import { splitSignature, verifySignature } from "../signature.ts"
import { fetchObjects, type DownloadOptions } from "./download.ts"
import type { GitObject } from "./oid.ts"
import type { GitVerification, SourceEvent } from "./options.ts"
import { parseTag } from "./pack/object.ts"
import type { GitRef, Resolution } from "./ref.ts"
import type { Remote } from "./remote.ts"
import { requireObject, type Snapshot } from "./snapshot.ts"

/** A text that is equal for equal demands. */
export function verificationKey(verification: GitVerification | undefined): string {
  if (!verification) return ""
  return createHash("sha256")
    .update(JSON.stringify([verification.mode ?? "HEAD", verification.keys]))
    .digest("hex")
}

/** Checks before anything is sent that there will be something to verify. Throws `InvalidReference`, `InvalidSignature`. */
export function checkVerification(verification: GitVerification | undefined, ref: GitRef | undefined): void {
  if (!verification) return
  if (verification.keys.length === 0) throw new SourceError("InvalidSignature", "verification needs at least one key")
  if ((verification.mode ?? "HEAD") === "HEAD") return
  const isTag = ref && ("tag" in ref || "semver" in ref || ("name" in ref && ref.name.startsWith("refs/tags/")))
  if (!isTag)
    throw new SourceError("InvalidReference", `verification of the mode ${verification.mode} needs a ref that is a tag`)
}

/** What `verifyRevision` looks at. */
export interface VerifyRevisionOptions {
  readonly verification: GitVerification
  readonly resolution: Resolution
  readonly snapshot: Snapshot
  readonly remote: Remote
  readonly download: DownloadOptions
  readonly url: string
  readonly revision: string
}

/** Verifies the commit, the annotated tag that led to it, or both. Throws `InvalidSignature` unless a known key signed. */
export async function* verifyRevision(options: VerifyRevisionOptions): AsyncGenerator<SourceEvent, void, void> {
  const { verification, resolution, snapshot, url, revision } = options
  const { keys, mode = "HEAD" } = verification
  const objects: ["tag" | "commit", Buffer][] = []
  if (mode !== "HEAD") objects.push(["tag", await tagObject(options)])
  if (mode !== "Tag") objects.push(["commit", snapshot.objects.get(snapshot.commit)!.data])
  for (const [object, data] of objects) {
    const { payload, signature } = splitSignature(data, object)
    try {
      const { key } = await verifySignature({ payload, signature, keys })
      yield { type: "source.verified", url, revision, object, key }
    } catch (error) {
      if (!(error instanceof SourceError)) throw error
      const id = object === "tag" ? resolution.tag : snapshot.commit
      throw new SourceError(error.code, `${object} ${id}: ${error.rawMessage}`, { cause: error })
    }
  }
}

async function tagObject({ resolution, snapshot, remote, download }: VerifyRevisionOptions): Promise<Buffer> {
  const { tag, name, commit } = resolution
  if (tag === undefined) {
    throw new SourceError("InvalidSignature", `the tag '${name}' is lightweight: it holds no signature`)
  }
  const have = snapshot.complete ? commit : undefined
  const base = (oid: string): GitObject | undefined => snapshot.objects.get(oid)
  const request = { wants: [tag], have, filter: "tree:0" }
  const { objects } = await fetchObjects(remote, request, { ...download, base })
  const { data } = requireObject((oid) => objects.get(oid), tag, "tag")
  const names = parseTag(data).name
  // A signed tag that was moved to another name says nothing about that name.
  if (name !== names && name !== `refs/tags/${names}`) {
    throw new SourceError("InvalidSignature", `the tag '${name}' is signed under the name '${names}'`)
  }
  return data
}
