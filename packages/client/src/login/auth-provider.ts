import { messageOf } from "@gitops-toolkit/kube"
import { ConnectError } from "../connect-error.ts"
import { recordOf, textOf } from "../error.ts"
import type { Section } from "../kubeconfig/parse.ts"
import type { Login, LoginContext, LoginSource } from "./login.ts"

/**
 * Logins of the `auth-provider` entries (OpenID Connect with refresh, and the old cloud ones) by client-node's
 * `KubeConfig`, the only thing that it is loaded for. It keeps its tokens itself.
 */
export function providerLogin(user: Section, base: LoginSource, context: LoginContext): LoginSource {
  let loading: Promise<AuthHeader> | undefined
  return {
    async current(): Promise<Login> {
      const [{ headers, tls }, header] = await Promise.all([base.current(), (loading ??= load(user, context))])
      try {
        return { headers: { ...headers, ...(await header()) }, tls }
      } catch (error) {
        const text = `the auth-provider of user "${context.name}" failed: ${messageOf(error)}`
        throw new ConnectError("CredentialsUnavailable", text, { cause: error, retryable: true })
      }
    },
    renew() {
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

async function load(user: Section, { cluster, name }: LoginContext): Promise<AuthHeader> {
  const { KubeConfig } = (await import("@kubernetes/client-node" as string)) as ClientNode
  const config = new KubeConfig()
  const provider = recordOf(user["auth-provider"]) ?? {}
  config.loadFromClusterAndUser(
    { name: "cluster", server: textOf(cluster["server"]), skipTLSVerify: cluster["insecure-skip-tls-verify"] === true },
    { name, authProvider: { name: textOf(provider["name"]), config: { ...recordOf(provider["config"]) } } },
  )
  return async () => {
    const options: { headers?: { readonly [name: string]: unknown } } = {}
    await config.applyToHTTPSOptions(options)
    const found = options.headers?.["Authorization"]
    return typeof found === "string" ? { authorization: found.trim() } : {}
  }
}
