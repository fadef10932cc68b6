import { createPrivateKey, createSign } from "node:crypto"
import { systemClock, type Clock } from "@gitops-toolkit/kube"
import { deliveryFailed, type Sender } from "../channel.ts"
import { NotifyError } from "../error.ts"
import { textAt } from "./comment.ts"

/** A GitHub App, installed where the repository is. */
export interface GithubApp {
  readonly appId: string
  readonly installationId: string
  /** PEM. */
  readonly privateKey: string
}

/** How to prove who we are to GitHub: one of both. */
export interface GithubAuth {
  /** A personal or fine-grained access token. */
  readonly token?: string
  readonly app?: GithubApp
  readonly clock?: Clock
}

/** Gives the headers of requests to GitHub; tokens of an App are renewed before they expire. */
export type GithubHeaders = (
  sender: Sender,
  signal: AbortSignal | undefined,
) => Promise<{ readonly [name: string]: string }>

/** Throws `NotifyError` `InvalidConfig` when neither a token nor a complete App is given. */
export function githubHeaders(auth: GithubAuth, api: string): GithubHeaders {
  const { token, app, clock = systemClock } = auth
  const headersFor = (bearer: string): { readonly [name: string]: string } => ({
    authorization: `Bearer ${bearer}`,
    accept: "application/vnd.github+json",
    "x-github-api-version": "2022-11-28",
  })
  if (token) return () => Promise.resolve(headersFor(token))
  const checked = checkApp(app)
  let installed: { readonly token: string; readonly expiresAt: number } | undefined
  return async (sender, signal) => {
    if (installed === undefined || installed.expiresAt - clock.now() < renewBeforeMs) {
      const url = `${api}/app/installations/${encodeURIComponent(checked.installationId)}/access_tokens`
      const headers = headersFor(signAppToken(checked, clock.now()))
      const answer = JSON.parse((await sender.send({ url, headers }, { signal })).text) as unknown
      const [fresh, expires] = [textAt(answer, "token"), Date.parse(textAt(answer, "expires_at"))]
      if (fresh === "") throw deliveryFailed("github", "the answer has no token")
      installed = { token: fresh, expiresAt: Number.isNaN(expires) ? 0 : expires }
    }
    return headersFor(installed.token)
  }
}

const renewBeforeMs = 5 * 60_000

function checkApp(app: GithubApp | undefined): GithubApp {
  const missing = (what: string): NotifyError => new NotifyError("InvalidConfig", what)
  if (!app?.appId) throw missing("github token or github app details must be specified")
  if (!app.installationId)
    throw missing("app installation owner or ID must be provided to use github app authentication")
  if (!app.privateKey) throw missing("private key must be provided to use github app authentication")
  try {
    createPrivateKey(app.privateKey)
  } catch (cause) {
    // The cause may quote the key.
    throw new NotifyError(
      "InvalidConfig",
      `the github app's private key cannot be read: ${(cause as { code?: string }).code ?? ""}`,
    )
  }
  return app
}

/** A JSON web token for an App: RS256, valid for nine minutes, begun a minute ago for clocks that differ. */
function signAppToken({ appId, privateKey }: GithubApp, nowMs: number): string {
  const now = Math.floor(nowMs / 1000)
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url")
  const text = `${encode({ alg: "RS256", typ: "JWT" })}.${encode({ iat: now - 60, exp: now + 540, iss: appId })}`
  return `${text}.${createSign("RSA-SHA256").update(text).sign(privateKey, "base64url")}`
}
