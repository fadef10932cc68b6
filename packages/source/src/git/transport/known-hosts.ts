import { createHmac } from "node:crypto"
import { publicKeyOf, readStrings } from "../../signature/wire.ts"

/** What a `known_hosts` text says about one server. */
export interface HostKeys {
  /** Keys in SSH's wire format, any of which the server may show. */
  readonly trusted: readonly Buffer[]
  /** Keys that it must not show. */
  readonly revoked: readonly Buffer[]
}

/**
 * The keys of a server in a `known_hosts` text (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT): lists, wildcards, negation, hashed
 * names, `[host]:port`, `@revoked`. Lines of certificate authorities and lines that cannot be read are passed over: at
 * worst a server is not trusted.
 */
export function hostKeysOf(knownHosts: string, host: string, port: number): HostKeys {
  const name = port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`
  const trusted: Buffer[] = []
  const revoked: Buffer[] = []
  for (const line of knownHosts.split("\n")) {
    const words = line.trim().split(/[ \t]+/)
    const marker = words[0]?.startsWith("@") ? words.shift() : undefined
    const [names = "", type = "", encoded = ""] = words
    if (names === "" || names.startsWith("#") || marker === "@cert-authority" || !matchesNames(names, name)) continue
    const key = Buffer.from(encoded, "base64")
    if (publicKeyOf(key)?.type !== type) continue
    if (marker === "@revoked") revoked.push(key)
    else if (marker === undefined) trusted.push(key)
  }
  return { trusted, revoked }
}

function matchesNames(names: string, name: string): boolean {
  if (names.startsWith("|")) return matchesHash(names, name)
  let matched = false
  for (const pattern of names.toLowerCase().split(",")) {
    if (pattern.startsWith("!")) {
      if (matchesWildcard(pattern.slice(1), name)) return false
    } else matched ||= matchesWildcard(pattern, name)
  }
  return matched
}

function matchesHash(text: string, name: string): boolean {
  const [, version, salt = "", hash = ""] = text.split("|")
  if (version !== "1") return false
  return createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest().equals(Buffer.from(hash, "base64"))
}

/** `*` and `?`, in time proportional to the product of the lengths at most. */
function matchesWildcard(pattern: string, text: string): boolean {
  let [p, t, star, mark] = [0, 0, -1, 0]
  while (t < text.length) {
    if (pattern[p] === "*") {
      star = p++
      mark = t
    } else if (p < pattern.length && (pattern[p] === "?" || pattern[p] === text[t])) {
      p++
      t++
    } else if (star >= 0) {
      p = star + 1
      t = ++mark
    } else return false
  }
  while (pattern[p] === "*") p++
  return p === pattern.length
}

/** The algorithms to offer, so that the server shows a key of a kind that is on file. */
export function algorithmsFor(keys: readonly Buffer[]): string[] {
  const types = new Set(keys.map((key) => readStrings(key, 1)?.strings[0]?.toString("latin1") ?? ""))
  return [...types].flatMap((type) => (type === "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256"] : [type]))
}
