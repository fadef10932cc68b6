import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { Cluster } from "@gitops-toolkit/kube"
import { isClusterError } from "@gitops-toolkit/kube"
import { createHttpTransport, readText, type TlsOptions, type Transport } from "@gitops-toolkit/http"
import { createAuthority, createSigningKey, type Authority } from "./certificates.ts"
import { startProgram, untilReady, type Program } from "./process.ts"
import type { Site } from "./site.ts"

/** A user that a bearer token stands for. */
export interface TokenUser {
  readonly token: string
  readonly user: string
  readonly uid?: string
  readonly groups?: readonly string[]
}

/** What `startApiServer` needs beside the site. */
export interface ApiServerOptions {
  readonly etcdUrl: string
  readonly users: readonly TokenUser[]
  /** Appended to kube-apiserver's own; the last of equal flags counts. */
  readonly flags: readonly string[]
}

/** A running API server and the means to log in. */
export interface ApiServer {
  readonly program: Program
  readonly url: string
  /** The certificate authority of its serving certificate. */
  readonly ca: string
  /** Signs client certificates that it trusts. */
  readonly clients: Authority
  /** Service account tokens are signed with it. */
  readonly signingKeyPath: string
}

/** Starts kube-apiserver with fresh certificates and waits for `/readyz`. */
export async function startApiServer(site: Site, options: ApiServerOptions): Promise<ApiServer> {
  const port = site.ports[2] ?? 0
  const url = `https://127.0.0.1:${port}`
  const now = Date.now()
  const serving = createAuthority("gitops-toolkit serving CA", now)
  const clients = createAuthority("gitops-toolkit client CA", now)
  const paths = await writeMaterial(site.directory, { serving, clients, users: options.users })
  const args = [...flagsOf(port, paths, options), ...options.flags]
  const program = startProgram({
    path: site.binaries.get("kube-apiserver") ?? "",
    args,
    directory: site.directory,
    logPath: site.logPath("kube-apiserver"),
  })
  site.started.push(program)
  const tls: TlsOptions = { ca: serving.cert, ...clients.issueClient("gitops-toolkit-probe", ["system:masters"]) }
  await using transport = createHttpTransport({ url, tls, timeoutMs: 2000 })
  await untilReady(program, () => isReady(transport), site)
  return { program, url, ca: serving.cert, clients, signingKeyPath: paths.signingKey }
}

interface Paths {
  readonly certificates: string
  readonly clientCa: string
  readonly signingKey: string
  readonly signingKeyPublic: string
  readonly tokens: string | undefined
}

async function writeMaterial(
  directory: string,
  material: { readonly serving: Authority; readonly clients: Authority; readonly users: readonly TokenUser[] },
): Promise<Paths> {
  const certificates = join(directory, "certificates")
  await mkdir(certificates, { mode: 0o700 })
  const write = async (name: string, content: string): Promise<string> => {
    const path = join(certificates, name)
    await writeFile(path, content, { mode: 0o600 })
    return path
  }
  const server = material.serving.issueServer(["localhost", "127.0.0.1", "kubernetes.default.svc"])
  const signing = createSigningKey()
  const rows = material.users.map((user) => [
    user.token,
    user.user,
    user.uid ?? user.user,
    (user.groups ?? []).join(","),
  ])
  await write("apiserver.crt", server.cert)
  await write("apiserver.key", server.key)
  return {
    certificates,
    clientCa: await write("client-ca.crt", material.clients.cert),
    signingKey: await write("service-account.key", signing.privateKey),
    signingKeyPublic: await write("service-account.pub", signing.publicKey),
    tokens:
      rows.length > 0
        ? await write("tokens.csv", rows.map((row) => `${row.map(quoted).join(",")}\n`).join(""))
        : undefined,
  }
}

function quoted(field: string): string {
  return `"${field.replaceAll('"', '""')}"`
}

function flagsOf(port: number, paths: Paths, options: ApiServerOptions): readonly string[] {
  return [
    `--etcd-servers=${options.etcdUrl}`,
    `--cert-dir=${paths.certificates}`,
    "--bind-address=127.0.0.1",
    `--secure-port=${port}`,
    `--client-ca-file=${paths.clientCa}`,
    `--service-account-issuer=https://127.0.0.1:${port}/`,
    `--service-account-key-file=${paths.signingKeyPublic}`,
    `--service-account-signing-key-file=${paths.signingKey}`,
    "--service-cluster-ip-range=10.0.0.0/16",
    "--authorization-mode=RBAC",
    "--disable-admission-plugins=ServiceAccount",
    "--allow-privileged=true",
    "--endpoint-reconciler-type=none",
    "--profiling=false",
    ...(paths.tokens === undefined ? [] : [`--token-auth-file=${paths.tokens}`]),
  ]
}

async function isReady(transport: Transport): Promise<boolean> {
  try {
    const response = await transport({ method: "GET", path: "/readyz" })
    await readText(response.body)
    return response.status === 200
  } catch {
    // Refused, reset or silent: not there yet. The time-out of the start bounds the waiting.
    return false
  }
}

/** True once the API server has made the namespace `default`. */
export async function hasDefaultNamespace(cluster: Cluster): Promise<boolean> {
  try {
    return (await cluster.get({ apiVersion: "v1", kind: "Namespace", name: "default" })) !== undefined
  } catch (error) {
    if (isClusterError(error)) return false
    throw error
  }
}
