import type { KubeObject } from "./object.ts"

/** What stands in place of a secret. */
export const mask = "***"

const secretParameter =
  /^(?:.*[-_])?(?:token|secret|password|passwd|pwd|key|apikey|signature|sig|credential|credentials|auth|jwt|code)$/i

/**
 * A URL that may be shown: user name and password are masked, and so are the values of query parameters whose names
 * suggest a secret. A text that is no URL goes through `redactText`.
 *
 * @example
 * redactUrl("https://x:ghp_abc@git.example.com/a.git?ref=main")   // "https://***@git.example.com/a.git?ref=main"
 */
export function redactUrl(text: string): string {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return redactText(text)
  const masked = text.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, `$1${mask}@`)
  const query = masked.indexOf("?")
  if (query < 0) return maskTokens(masked)
  const fragment = masked.indexOf("#", query)
  const end = fragment < 0 ? masked.length : fragment
  const parameters = masked
    .slice(query + 1, end)
    .split("&")
    .map(redactParameter)
  return maskTokens(`${masked.slice(0, query)}?${parameters.join("&")}${masked.slice(end)}`)
}

function redactParameter(parameter: string): string {
  const equals = parameter.indexOf("=")
  return equals >= 0 && secretParameter.test(parameter.slice(0, equals))
    ? `${parameter.slice(0, equals)}=${mask}`
    : parameter
}

// Every expression is linear: bounded repetitions, or classes that exclude what follows them.
const tokens: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g, mask],
  [/\b(bearer|basic|token)(\s+)[A-Za-z0-9._~+/=-]{8,}/gi, `$1$2${mask}`],
  [/\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abeoprs]-[\w-]{8,})/g, mask],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, mask],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/g, mask],
  [/\b(hooks\.slack\.com\/(?:services|workflows)\/)[\w/-]+/g, `$1${mask}`],
  [/\b(discord(?:app)?\.com\/api\/webhooks\/\d+\/)[\w-]+/g, `$1${mask}`],
  [/\b(api\.telegram\.org\/bot)[\w:-]+/g, `$1${mask}`],
  [/\bAGE-SECRET-KEY-1[A-Z0-9]{10,}/g, mask],
]

function maskTokens(text: string): string {
  return tokens.reduce((masked, [pattern, replacement]) => masked.replace(pattern, replacement), text)
}

/**
 * A text that may be shown or sent: every given secret, its base64 and its URL-encoded form are masked, then credentials in URLs and tokens of well-known shapes
 * (private keys, bearer and basic authorization, GitHub, GitLab, Slack, AWS, JSON web tokens). Pass the secrets that
 * the work has loaded: guessing by shape is only the second line. Secrets shorter than 4 characters are not searched.
 *
 * @example
 * redactText("fatal: https://u:pa55word@host/x", { secrets: ["pa55word"] })   // "fatal: https://***@host/x"
 */
export function redactText(text: string, options: { readonly secrets?: readonly string[] } = {}): string {
  let masked = text
  const known = (options.secrets ?? []).flatMap(formsOf).filter((form) => form.length >= 4)
  // The longest first, so that a secret inside another does not leave the other's rest behind.
  for (const form of known.toSorted((a, b) => b.length - a.length)) masked = masked.replaceAll(form, mask)
  masked = masked.replace(/\b([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/?#"'<>@]{1,4096}@/gi, `$1${mask}@`)
  masked = masked.replace(/([?&][\w.-]{1,64}=)([^\s&"'<>#]+)/g, (whole: string, name: string) =>
    secretParameter.test(name.slice(1, -1)) ? `${name}${mask}` : whole,
  )
  return maskTokens(masked)
}

function formsOf(secret: string): string[] {
  const trimmed = secret.trim()
  const base64 = Buffer.from(secret, "utf8").toString("base64")
  return [...new Set([secret, trimmed, base64, encodeURIComponent(trimmed)])]
}

const lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

/**
 * True for a core Secret.
 *
 * @example
 * isSecret({ apiVersion: "v1", kind: "Secret" })   // true
 * isSecret({ apiVersion: "example.com/v1", kind: "Secret" })   // false
 */
export function isSecret(object: { readonly apiVersion: string; readonly kind: string }): boolean {
  return object.kind === "Secret" && object.apiVersion === "v1"
}

/**
 * The object with every value of a Secret masked: `data` and `stringData` keep their keys and lose their values, and the
 * last-applied annotation, which repeats them, is masked whole. Other objects are returned as they are.
 *
 * @example
 * maskSecret({ apiVersion: "v1", kind: "Secret", metadata: { name: "a" }, data: { k: "c2VjcmV0" } })["data"]   // { k: "***" }
 */
export function maskSecret(object: KubeObject): KubeObject {
  return isSecret(object) ? maskWith(object, () => mask) : object
}

/**
 * Two states of a Secret, masked as Flux and `kubectl diff` do: a value that both have alike is `***` in both, one that
 * differs is `*** (before)` and `*** (after)`. Objects that are no Secrets are returned as they are.
 *
 * @example
 * const secret = (password: string) => ({ apiVersion: "v1", kind: "Secret", metadata: { name: "db" }, stringData: { user: "app", password } })
 * maskSecretPair(secret("old"), secret("new")).after["stringData"]   // { user: "***", password: "*** (after)" }
 */
export function maskSecretPair(before: KubeObject, after: KubeObject): { before: KubeObject; after: KubeObject } {
  if (!isSecret(before) || !isSecret(after)) return { before: maskSecret(before), after: maskSecret(after) }
  const changed = (field: string, key: string): boolean =>
    valueAt(before, field, key) !== valueAt(after, field, key) &&
    valueAt(before, field, key) !== undefined &&
    valueAt(after, field, key) !== undefined
  return {
    before: maskWith(before, (field, key) => (changed(field, key) ? `${mask} (before)` : mask)),
    after: maskWith(after, (field, key) => (changed(field, key) ? `${mask} (after)` : mask)),
  }
}

function valueAt(object: KubeObject, field: string, key: string): unknown {
  const values = object[field]
  return typeof values === "object" && values !== null && Object.hasOwn(values, key)
    ? (values as { readonly [key: string]: unknown })[key]
    : undefined
}

function maskWith(object: KubeObject, maskOf: (field: string, key: string) => string): KubeObject {
  const masked: { [field: string]: unknown } = { ...object }
  for (const field of ["data", "stringData"]) {
    const values = object[field]
    if (values === undefined || values === null) continue
    masked[field] =
      typeof values === "object" && !Array.isArray(values)
        ? Object.fromEntries(Object.keys(values).map((key) => [key, maskOf(field, key)]))
        : mask
  }
  const annotations = object.metadata.annotations
  if (annotations && Object.hasOwn(annotations, lastApplied)) {
    masked["metadata"] = { ...object.metadata, annotations: { ...annotations, [lastApplied]: mask } }
  }
  return masked as unknown as KubeObject
}
