// The servers that the cases run against.
import { createHttpTransport, type Transport } from "@gitops-toolkit/http"
import { createCluster, missingBinaries, startControlPlane, type TokenUser } from "@gitops-toolkit/testing"

/** The users of `users.json`, by name. */
export interface Users {
  readonly [name: string]: {
    readonly token: string
    readonly user: string
    readonly uid: string
    readonly groups: readonly string[]
  }
}

/** A fresh server and the tokens of its users. */
export interface Target {
  readonly transport: Transport
  readonly tokens: ReadonlyMap<string, string>
  close(): Promise<void>
}

/** Which server: the embedded one in process or over HTTP, or etcd and kube-apiserver. */
export type Where = "memory" | "http" | "real"

interface TargetOptions {
  readonly where: Where
  /** With what plays controllers: the real ones beside the real server. */
  readonly controllers: boolean
}

/** Starts a server that knows the users. */
export async function openTarget(users: Users, { where, controllers }: TargetOptions): Promise<Target> {
  const tokens = new Map(Object.entries(users).map(([name, { token }]) => [name, token]))
  if (where === "real") return { tokens, ...(await openReal(Object.values(users), controllers)) }
  // A token file without groups gives its users the empty one.
  const known: TokenUser[] = Object.values(users).map((user) => ({
    ...user,
    groups: user.groups.length > 0 ? user.groups : [""],
  }))
  const cluster = createCluster({ users: known, controllers, autoReady: controllers })
  const close = (): Promise<void> => Promise.resolve(cluster[Symbol.asyncDispose]())
  if (where === "memory") return { transport: cluster.transport, tokens, close }
  const { url } = await cluster.listen()
  const transport = createHttpTransport({ url })
  return {
    transport,
    tokens,
    async close() {
      await transport[Symbol.asyncDispose]()
      await close()
    },
  }
}

async function openReal(users: readonly TokenUser[], controllers: boolean): Promise<Omit<Target, "tokens">> {
  const missing = missingBinaries()
  if (missing.length > 0) throw new Error(`there is no ${missing.join(" and ")} (set KUBEBUILDER_ASSETS)`)
  const plane = await startControlPlane({ users, controllers, autoReady: controllers })
  // Without the administrator's certificate: it would win over the tokens.
  const [, authority = ""] = /"?certificate-authority-data"?: ?"?([A-Za-z0-9+/=]+)/.exec(plane.kubeconfig) ?? []
  const ca = Buffer.from(authority, "base64").toString("utf8")
  const transport = createHttpTransport({ url: plane.url, tls: { ca } })
  return {
    transport,
    async close() {
      await transport[Symbol.asyncDispose]()
      await plane[Symbol.asyncDispose]()
    },
  }
}
