import { isSecret, type KubeObject } from "@gitops-toolkit/kube"

/** What only the server writes into `metadata`; in a desired object it is a remainder of an export. */
const serverFields: ReadonlySet<string> = new Set([
  "creationTimestamp",
  "deletionGracePeriodSeconds",
  "deletionTimestamp",
  "generation",
  "managedFields",
  "resourceVersion",
  "selfLink",
  "uid",
])

/**
 * A desired object as it may be applied: without `status` and without what only the server writes into `metadata`;
 * a Secret's `stringData` is folded into `data` (it wins), since server-side apply cannot own the former.
 * Everything else stays, known to anybody or not. Pure.
 *
 * @example
 * normalize({ apiVersion: "v1", kind: "Secret", metadata: { name: "a" }, stringData: { k: "v" } })["data"]   // { k: "dg==" }
 */
export function normalize(object: KubeObject): KubeObject {
  const { status: _status, ...kept } = object
  const metadata = Object.fromEntries(Object.entries(object.metadata).filter(([field]) => !serverFields.has(field)))
  const plain: KubeObject = { ...kept, apiVersion: object.apiVersion, kind: object.kind, metadata }
  return isSecret(plain) ? foldStringData(plain) : plain
}

function foldStringData(secret: KubeObject): KubeObject {
  const { stringData, ...rest } = secret
  if (typeof stringData !== "object" || stringData === null) return secret
  const folded = Object.entries(stringData as { readonly [key: string]: unknown }).map(
    ([key, value]) => [key, typeof value === "string" ? Buffer.from(value, "utf8").toString("base64") : value] as const,
  )
  const data = rest["data"]
  const stored = typeof data === "object" && data !== null ? Object.entries(data) : []
  return { ...(rest as KubeObject), data: Object.fromEntries([...stored, ...folded]) }
}
