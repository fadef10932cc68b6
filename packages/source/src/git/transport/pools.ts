import { createHash } from "node:crypto"
import {
  createHttpTransport,
  environmentProxy,
  type EgressPolicy,
  type ProxyChoice,
  type TlsOptions,
  type Transport,
} from "@gitops-toolkit/http"

/** What all connections over http have in common. */
export interface PoolsOptions {
  readonly egress?: EgressPolicy | undefined
  readonly proxy?: ProxyChoice | undefined
  /** Connections to an origin instead of those over the network. */
  readonly transport?: ((origin: string) => Transport) | undefined
}

/** Connections over http that are kept: one pool for each origin and what TLS is told. */
export interface Pools extends AsyncDisposable {
  to(origin: string, tls?: TlsOptions): Transport
}

/** Pools that are opened when they are asked for, and closed together. */
export function createPools({ egress, proxy = environmentProxy(), transport }: PoolsOptions): Pools {
  const pools = new Map<string, Transport & AsyncDisposable>()
  const open = (origin: string, tls: TlsOptions | undefined): Transport & AsyncDisposable =>
    createHttpTransport({
      url: origin,
      proxy: proxy(new URL(origin)),
      ...(tls ? { tls } : {}),
      ...(egress ? { egress } : {}),
    })
  return {
    to(origin, tls) {
      if (transport) return transport(origin)
      const key = `${origin} ${tls ? createHash("sha256").update(JSON.stringify(tls)).digest("hex") : ""}`
      const pool = pools.get(key) ?? open(origin, tls)
      pools.set(key, pool)
      return pool
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...pools.values()].map((pool) => pool[Symbol.asyncDispose]()))
      pools.clear()
    },
  }
}
