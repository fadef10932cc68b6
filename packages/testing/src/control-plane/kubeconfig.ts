import type { CertifiedKey } from "./certificates.ts"

/** A kubeconfig with one context, in JSON, which every reader of YAML takes. */
export function printKubeconfig(url: string, ca: string, user: CertifiedKey): string {
  const base64 = (text: string): string => Buffer.from(text, "utf8").toString("base64")
  const login = { "client-certificate-data": base64(user.cert), "client-key-data": base64(user.key) }
  const config = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "control-plane",
    clusters: [{ name: "control-plane", cluster: { server: url, "certificate-authority-data": base64(ca) } }],
    users: [{ name: "control-plane", user: login }],
    contexts: [{ name: "control-plane", context: { cluster: "control-plane", user: "control-plane" } }],
  }
  return `${JSON.stringify(config, null, 2)}\n`
}
