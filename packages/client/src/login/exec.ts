import { spawn } from "node:child_process"
import { messageOf, parseJson, redactText, type Clock } from "@gitops-toolkit/kube"
import { ConnectError } from "../connect-error.ts"
import { recordOf, textOf } from "../error.ts"
import type { Section } from "../kubeconfig/parse.ts"
import { bearer } from "./files.ts"
import type { Login, LoginContext, LoginSource } from "./login.ts"

interface Credential {
  readonly token: string
  readonly cert: string
  readonly key: string
  /** When to ask again; Infinity for a credential without an end. */
  readonly renewAtMs: number
}

const timeoutMs = 60_000
const maxOutputBytes = 1024 * 1024
/** A credential is renewed this long before it ends. */
const earlyMs = 60_000

/**
 * Credentials of a plug-in (client.authentication.k8s.io): one run at a time, kept until a minute before they end or
 * the server refuses them. The plug-in gets no terminal and a minute. `base` gives the rest of the login.
 */
export function execLogin(exec: Section, base: LoginSource, context: LoginContext): LoginSource {
  const { clock } = context
  if (textOf(exec["interactiveMode"]) === "Always") {
    throw new ConnectError("NotSupported", `the credential plug-in of user "${context.name}" wants a terminal`)
  }
  let running: Promise<Credential> | undefined
  let known: Credential | undefined
  const ask = async (): Promise<Credential> => {
    if (known && clock.now() < known.renewAtMs) return known
    running ??= runPlugin(exec, context).finally(() => (running = undefined))
    return (known = await running)
  }
  return {
    async current(): Promise<Login> {
      const [{ token, cert, key }, { headers, tls }] = await Promise.all([ask(), base.current()])
      return {
        headers: token === "" ? headers : { ...headers, ...bearer(token) },
        tls: cert === "" ? tls : { ...tls, cert, key },
      }
    },
    renew() {
      known = undefined
      base.renew()
    },
  }
}

async function runPlugin(exec: Section, context: LoginContext): Promise<Credential> {
  const command = textOf(exec["command"])
  const fail = (reason: string, cause?: unknown): ConnectError => {
    const hint = textOf(exec["installHint"])
    const text = `the credential plug-in "${command}" of user "${context.name}" ${reason}${hint && `\n${hint}`}`
    return new ConnectError("CredentialsUnavailable", text, { cause, retryable: true })
  }
  const output = await runCommand(exec, context).catch((error: unknown) => {
    throw fail(`failed: ${messageOf(error)}`, error)
  })
  return parseCredential(output, context.clock) ?? Promise.reject(fail("answered without a credential"))
}

function parseCredential(output: string, clock: Clock): Credential | undefined {
  let answer: Section | undefined
  try {
    answer = recordOf(parseJson(output))
  } catch {
    // What it printed may be half a secret: say only that it is no credential.
    return undefined
  }
  const status = recordOf(answer?.["status"]) ?? {}
  const [token, cert, key] = ["token", "clientCertificateData", "clientKeyData"].map((field) =>
    textOf(status[field]).trim(),
  )
  if (!token && !(cert && key)) return undefined
  const end = Date.parse(textOf(status["expirationTimestamp"]))
  const renewAtMs = Number.isNaN(end) ? Number.POSITIVE_INFINITY : Math.max(end - earlyMs, clock.now() + 1000)
  return { token: token ?? "", cert: cert ?? "", key: key ?? "", renewAtMs }
}

// Async, so that a command that cannot even be started rejects like one that fails.
async function runCommand(exec: Section, context: LoginContext): Promise<string> {
  const args = Array.isArray(exec["args"]) ? exec["args"].map(String) : []
  const child = spawn(textOf(exec["command"]), args, {
    env: { ...process.env, ...pluginEnv(exec), KUBERNETES_EXEC_INFO: execInfo(exec, context) },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: timeoutMs,
    killSignal: "SIGKILL",
  })
  let output = ""
  let complaint = ""
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text
    if (output.length > maxOutputBytes) child.kill("SIGKILL")
  })
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint = (complaint + text).slice(0, 500)
  })
  return new Promise((resolve, reject) => {
    child.once("error", reject)
    child.once("close", (code, signal) => {
      if (code === 0) return resolve(output)
      reject(new Error(`${signal ?? `exit code ${code}`} ${redactText(complaint.trim())}`.trim()))
    })
  })
}

function pluginEnv(exec: Section): { readonly [name: string]: string } {
  const env: { [name: string]: string } = {}
  for (const item of Array.isArray(exec["env"]) ? exec["env"] : []) {
    const entry = recordOf(item)
    if (entry) env[textOf(entry["name"])] = textOf(entry["value"])
  }
  return env
}

function execInfo(exec: Section, { cluster }: LoginContext): string {
  const names = ["server", "tls-server-name", "insecure-skip-tls-verify", "certificate-authority-data", "config"]
  const described = Object.fromEntries(
    names.filter((name) => cluster[name] !== undefined).map((name) => [name, cluster[name]]),
  )
  return JSON.stringify({
    apiVersion: textOf(exec["apiVersion"]) || "client.authentication.k8s.io/v1",
    kind: "ExecCredential",
    spec: { interactive: false, ...(exec["provideClusterInfo"] === true && { cluster: described }) },
  })
}
