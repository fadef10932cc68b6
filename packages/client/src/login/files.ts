import { readFile } from "node:fs/promises"
import { messageOf, type Clock } from "@gitops-toolkit/kube"
import type { TlsOptions } from "@gitops-toolkit/http"
import { ConnectError } from "../connect-error.ts"
import type { Login, LoginSource } from "./login.ts"

/** The files of a login. All are read again a minute after the last time, and at once after a 401. */
export interface LoginFiles {
  readonly token?: string
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

const maxAgeMs = 60_000

/** A login of files that rotate on disk (mounted service account tokens, certificates); `fixed` fills in the rest. */
export function fileLogin(files: LoginFiles, fixed: Login, clock: Clock): LoginSource {
  let reading: Promise<Login> | undefined
  let readAtMs = 0
  const read = async (): Promise<Login> => {
    const [token, ca, cert, key] = await Promise.all([files.token, files.ca, files.cert, files.key].map(readPem))
    const tls: TlsOptions = { ...fixed.tls, ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) }
    // A token with the newline that editors leave would be no header value.
    const headers = token === undefined ? fixed.headers : { ...fixed.headers, ...bearer(token.trim()) }
    return { headers, tls }
  }
  return {
    current() {
      if (!reading || clock.now() - readAtMs >= maxAgeMs) {
        readAtMs = clock.now()
        const next = read()
        next.catch(() => (reading = undefined))
        reading = next
      }
      return reading
    },
    renew() {
      reading = undefined
    },
  }
}

/** The header of a bearer token. */
export function bearer(token: string): { readonly authorization: string } {
  return { authorization: `Bearer ${token}` }
}

async function readPem(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined
  try {
    return await readFile(path, "utf8")
  } catch (error) {
    throw new ConnectError("CredentialsUnavailable", messageOf(error), { cause: error, at: { path } })
  }
}
