import { createHash } from "node:crypto"
import { SourceError } from "../error.ts"

/** Name and password (or a token in the password's place), over https. */
export interface BasicAuth {
  readonly username: string
  readonly password: string
}

/** A token that is sent as `Authorization: Bearer …`, over https. */
export interface BearerAuth {
  readonly bearerToken: string
}

/** A key for ssh. */
export interface SshAuth {
  /** The private key: OpenSSH, PKCS#1, SEC1 or PKCS#8 text. */
  readonly identity: string
  /** Opens an encrypted key. */
  readonly passphrase?: string
  /** The hosts to trust, as in `~/.ssh/known_hosts` (hashed names and ports too). Without an entry nothing is sent. */
  readonly knownHosts: string
}

/** Who we are to a git server. */
export type GitAuth = BasicAuth | BearerAuth | SshAuth

/** The address of a repository, taken apart. */
export interface GitUrl {
  readonly scheme: "http" | "https" | "ssh"
  /** Scheme, host and port: `https://example.com`. */
  readonly origin: string
  readonly host: string
  readonly port: number
  /** The SSH user. */
  readonly user: string
  /** Beginning with `/`, without a slash at the end; relative to the home folder for `git@host:path`. */
  readonly path: string
  /** Without credentials: for people, events and artifacts. */
  readonly display: string
  /** Credentials that were part of the URL. */
  readonly auth?: BasicAuth
}

const scpLike = /^(?:([A-Za-z0-9._-]+)@)?([A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\]):(?!\/\/)([^\s]+)$/
const defaultPorts = { http: 80, https: 443, ssh: 22 }

/**
 * Takes a URL apart: http, https, ssh, or scp's short form `git@host:path`. Credentials go to `auth` and are gone from
 * `display`. Throws `InvalidUrl`; the message never repeats the URL.
 */
export function parseGitUrl(text: string): GitUrl {
  if (/[\u0000-\u0020\u007f]/.test(text) || text.length > 4096) throw invalid("holds characters that no URL has")
  const short = text.includes("://") ? null : scpLike.exec(text)
  if (short) {
    const [, user = "git", host = "", path = ""] = short
    return sshUrl({ user, host, port: 22, path })
  }
  const url = URL.parse(text)
  const scheme = url?.protocol.slice(0, -1)
  if (!url || (scheme !== "http" && scheme !== "https" && scheme !== "ssh")) {
    throw invalid("must begin with https://, http:// or ssh://, or be like git@host:path")
  }
  if (url.hostname === "") throw invalid("names no host")
  if (url.hash || url.search) throw invalid("may have no query and no fragment")
  const path = url.pathname.replace(/\/+$/, "")
  const port = url.port === "" ? defaultPorts[scheme] : Number(url.port)
  if (scheme === "ssh")
    return sshUrl({ user: decode(url.username) || "git", host: url.hostname, port, path: decode(path) })
  const auth =
    url.username || url.password ? { username: decode(url.username), password: decode(url.password) } : undefined
  const origin = `${scheme}://${url.host}`
  const shared = { scheme, origin, host: url.hostname, port, user: "", path, display: `${origin}${path}` } as const
  return auth ? { ...shared, auth } : shared
}

const invalid = (what: string): SourceError => new SourceError("InvalidUrl", `the URL of the repository ${what}`)

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw invalid("has a broken escape")
  }
}

function sshUrl({ user, host, port, path }: Pick<GitUrl, "user" | "host" | "port" | "path">): GitUrl {
  if (path.replace(/\/+$/, "") === "" || path.startsWith("-")) throw invalid("names no repository")
  if (host.startsWith("-") || user.startsWith("-")) throw invalid("names no host")
  const bare = host.replace(/^\[|\]$/g, "")
  const origin = port === 22 ? `ssh://${user}@${host}` : `ssh://${user}@${host}:${port}`
  return {
    scheme: "ssh",
    origin,
    host: bare,
    port,
    user,
    path,
    display: `${origin}${path.startsWith("/") ? "" : "/"}${path}`,
  }
}

/**
 * The value of the `authorization` header. Throws `InvalidAuth` for credentials that do not fit the URL, and for any
 * that would travel unencrypted to another machine.
 */
export function authorizationOf(url: GitUrl, auth: GitAuth | undefined): string | undefined {
  const chosen = auth ?? url.auth
  if (chosen === undefined) return undefined
  if ("bearerToken" in chosen && "username" in chosen)
    throw conflict("give a bearer token or a name and password, not both")
  if ("identity" in chosen) throw conflict("a key is for ssh:// URLs, this one is http")
  if (url.scheme === "http" && !isLoopback(url.host)) throw conflict("credentials are not sent over http; use https")
  if ("bearerToken" in chosen) {
    if (!/^[\x21-\x7e]+$/.test(chosen.bearerToken))
      throw conflict("the bearer token holds characters that no header has")
    return `Bearer ${chosen.bearerToken}`
  }
  return `Basic ${Buffer.from(`${chosen.username}:${chosen.password}`).toString("base64")}`
}

const conflict = (what: string): SourceError => new SourceError("InvalidAuth", what)

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(host)
}

/** The key of an `SshAuth`. Throws `InvalidAuth` when there is none, or no known hosts. */
export function sshAuthOf(auth: GitAuth | undefined): SshAuth {
  if (!auth || !("identity" in auth)) throw conflict("an ssh:// URL needs a key: { identity, knownHosts }")
  if (auth.knownHosts.trim() === "") throw conflict("ssh needs known_hosts: an unknown server is never trusted")
  return auth
}

/** A text that differs for different credentials and tells nothing about them. */
export function identityOf(auth: GitAuth | undefined): string {
  const fields = auth ? Object.entries(auth).toSorted(([a], [b]) => (a < b ? -1 : 1)) : []
  return createHash("sha256").update(JSON.stringify(fields)).digest("hex")
}
