import type { TlsOptions } from "@gitops-toolkit/http"
import type { Clock } from "@gitops-toolkit/kube"
import { ConnectError } from "./connect-error.ts"
import { recordOf, textOf } from "./error.ts"
import type { Impersonation } from "./impersonate.ts"
import type { Kubeconfig, Section } from "./kubeconfig/parse.ts"
import { providerLogin } from "./login/auth-provider.ts"
import { execLogin } from "./login/exec.ts"
import { bearer, fileLogin, type LoginFiles } from "./login/files.ts"
import { fixedLogin, type Login, type LoginContext, type LoginSource } from "./login/login.ts"

/** How to reach a cluster, and as whom. */
export interface ClusterAddress {
  readonly url: string
  readonly login: LoginSource
  /** The proxy that the kubeconfig asks for; absent: the environment's. */
  readonly proxy?: string
  /** The namespace of people who name none. */
  readonly namespace: string
  /** Who requests are made as, when the kubeconfig says so. */
  readonly as?: Impersonation
}

/** The cluster and user of a context (default: the current one). */
export function addressOf(config: Kubeconfig, clock: Clock, contextName?: string): ClusterAddress {
  const name = contextName ?? config.currentContext
  if (name === "") throw new ConnectError("KubeconfigInvalid", "the kubeconfig has no current context; name one")
  const context = sectionOf(config.contexts, name, "context")
  const cluster = sectionOf(config.clusters, textOf(context["cluster"]), "cluster")
  const userName = textOf(context["user"])
  const user = userName === "" ? {} : sectionOf(config.users, userName, "user")
  const url = textOf(cluster["server"])
  if (!URL.canParse(url))
    throw new ConnectError("KubeconfigInvalid", `the cluster of context "${name}" has no server URL`)
  const proxy = textOf(cluster["proxy-url"])
  const as = impersonationOf(user)
  const login = loginOf(user, { cluster, name: userName, clock })
  return {
    url,
    login,
    namespace: textOf(context["namespace"]) || "default",
    ...(proxy && { proxy }),
    ...(as && { as }),
  }
}

/** A kubeconfig with one context (default: the current one), in JSON. */
export function printMinified(config: Kubeconfig, contextName?: string): string {
  const name = contextName ?? config.currentContext
  if (name === "") throw new ConnectError("KubeconfigInvalid", "the kubeconfig has no current context; name one")
  const context = sectionOf(config.contexts, name, "context")
  const [cluster, user] = [textOf(context["cluster"]), textOf(context["user"])]
  return printConfig(name, {
    context,
    cluster: sectionOf(config.clusters, cluster, "cluster"),
    user: user === "" ? {} : sectionOf(config.users, user, "user"),
  })
}

/** The kubeconfig of one context. */
export function printConfig(
  name: string,
  { context, cluster, user }: { readonly context: Section; readonly cluster: Section; readonly user: Section },
): string {
  const config = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": name,
    contexts: [{ name, context: { ...context, cluster: name, user: name } }],
    clusters: [{ name, cluster }],
    users: [{ name, user }],
  }
  return `${JSON.stringify(config, null, 2)}\n`
}

function sectionOf(sections: ReadonlyMap<string, Section>, name: string, what: string): Section {
  const section = sections.get(name)
  if (section) return section
  const known = [...sections.keys()].slice(0, 20).join(", ") || "none"
  throw new ConnectError("KubeconfigInvalid", `the kubeconfig holds no ${what} "${name}" (it holds: ${known})`)
}

/** In kubectl's order: a token beats user name and password; a plug-in counts where neither is given. */
function loginOf(user: Section, context: LoginContext): LoginSource {
  const { cluster, clock } = context
  const tls: TlsOptions = {
    ...pem(cluster, "certificate-authority-data", "ca"),
    ...pem(user, "client-certificate-data", "cert"),
    ...pem(user, "client-key-data", "key"),
    ...(textOf(cluster["tls-server-name"]) !== "" && { serverName: textOf(cluster["tls-server-name"]) }),
    ...(cluster["insecure-skip-tls-verify"] === true && { insecure: true }),
  }
  const fixed: Login = { headers: headersOf(user), tls }
  const files: LoginFiles = {
    ...file(user, "tokenFile", "token"),
    ...(tls.ca === undefined && file(cluster, "certificate-authority", "ca")),
    ...(tls.cert === undefined && file(user, "client-certificate", "cert")),
    ...(tls.key === undefined && file(user, "client-key", "key")),
  }
  const source = Object.keys(files).length > 0 ? fileLogin(files, fixed, clock) : fixedLogin(fixed)
  const plain = "authorization" in fixed.headers || files.token !== undefined
  if (!plain && user["exec"] !== undefined) return execLogin(recordOf(user["exec"]) ?? {}, source, context)
  if (!plain && user["auth-provider"] !== undefined) return providerLogin(user, source, context)
  return source
}

function headersOf(user: Section): Login["headers"] {
  const token = textOf(user["token"]).trim()
  if (token !== "" && textOf(user["tokenFile"]) === "") return bearer(token)
  const name = textOf(user["username"])
  if (name === "") return {}
  return { authorization: `Basic ${Buffer.from(`${name}:${textOf(user["password"])}`, "utf8").toString("base64")}` }
}

function pem(section: Section, field: string, name: "ca" | "cert" | "key"): TlsOptions {
  const data = textOf(section[field])
  return data === "" ? {} : { [name]: Buffer.from(data, "base64").toString("utf8") }
}

function file(section: Section, field: string, name: keyof LoginFiles): LoginFiles {
  const path = textOf(section[field])
  return path === "" ? {} : { [name]: path }
}

function impersonationOf(user: Section): Impersonation | undefined {
  const name = textOf(user["as"])
  if (name === "") return undefined
  const groups = user["as-groups"]
  const uid = textOf(user["as-uid"])
  const extra = recordOf(user["as-user-extra"])
  return {
    user: name,
    ...(Array.isArray(groups) && { groups: groups.map(String) }),
    ...(uid !== "" && { uid }),
    ...(extra && { extra: extra as { readonly [key: string]: readonly string[] } }),
  }
}
