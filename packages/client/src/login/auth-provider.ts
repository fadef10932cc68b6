import { messageOf, redactText } from "@gitops-toolkit/kube"
import { ConnectError } from "../connect-error.ts"
import { recordOf, textOf } from "../error.ts"
import type { Section } from "../kubeconfig/parse.ts"
import type { Login, LoginContext, LoginSource } from "./login.ts"

/** How long a header is used before client-node is asked again, in milliseconds: its answer builds an agent each time. */
const maxAgeMs = 30_000

/**
 * Logins of the `auth-provider` entries (OpenID Connect with refresh, and the old cloud ones) by client-node's
 * `KubeConfig`, the only thing that it is loaded for. It renews its tokens itself.
 */
export function providerLogin(user: Section, base: LoginSource, context: LoginContext): LoginSource {
  const { clock, name } = context
  let loading: Promise<AuthHeader> | undefined
  let known: { readonly header: { readonly authorization?: string }; readonly atMs: number } | undefined
  const ask = async (): Promise<{ readonly authorization?: string }> => {
    if (known && clock.now() - known.atMs < maxAgeMs) return known.header
    try {
      const header = await (await (loading ??= load(user, name)))()
      known = { header, atMs: clock.now() }
      return header
    } catch (error) {
      loading = undefined
      const text = `the auth-provider of user "${name}" failed: ${redactText(messageOf(error))}`
      throw new ConnectError("CredentialsUnavailable", text, { cause: error, retryable: true })
    }
  }
  return {
    async current(): Promise<Login> {
      const [{ headers, tls }, header] = await Promise.all([base.current(), ask()])
      return { headers: { ...headers, ...header }, tls }
    },
    renew() {
      known = undefined
      loading = undefined
      base.renew()
    },
  }
}

/** The piece of client-node that is used. Its own types need `@types/ws` and cost every build a second and a half. */
interface ClientNode {
  readonly KubeConfig: new () => {
    loadFromClusterAndUser(cluster: object, user: object): void
    applyToHTTPSOptions(options: object): Promise<void>
  }
}

type AuthHeader = () => Promise<{ readonly authorization?: string }>

async function load(user: Section, name: string): Promise<AuthHeader> {
  const { KubeConfig } = (await import("@kubernetes/client-node" as string)) as ClientNode
  const config = new KubeConfig()
  const provider = recordOf(user["auth-provider"]) ?? {}
  // Only the header is taken: this cluster is never connected to.
  const nowhere = { name: "nowhere", server: "https://cluster.invalid", skipTLSVerify: true }
  const authProvider = { name: textOf(provider["name"]), config: { ...recordOf(provider["config"]) } }
  config.loadFromClusterAndUser(nowhere, { name, authProvider })
  return async () => {
    const options: { headers?: { readonly [name: string]: unknown } } = {}
    await config.applyToHTTPSOptions(options)
    const found = options.headers?.["Authorization"]
    return typeof found === "string" ? { authorization: found.trim() } : {}
  }
}
