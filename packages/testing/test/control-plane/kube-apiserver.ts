// A stand-in for kube-apiserver: parses the same flags and serves the embedded server over TLS: see start.test.ts.
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { createCluster } from "@gitops-toolkit/testing"
import { listenWith } from "../../src/cluster/wire/listen.ts"

const text = { type: "string" } as const
const { values } = parseArgs({
  options: {
    "etcd-servers": text,
    "cert-dir": text,
    "bind-address": text,
    "secure-port": text,
    "client-ca-file": text,
    "service-account-issuer": text,
    "service-account-key-file": text,
    "service-account-signing-key-file": text,
    "service-cluster-ip-range": text,
    "authorization-mode": text,
    "disable-admission-plugins": text,
    "allow-privileged": text,
    "endpoint-reconciler-type": text,
    profiling: text,
    "token-auth-file": text,
    "feature-gates": text,
  },
  strict: true,
})
if (values["feature-gates"] === "Nonsense=true") {
  console.error("unrecognized feature gate: Nonsense")
  process.exit(1)
}
for (const file of ["client-ca-file", "service-account-key-file", "service-account-signing-key-file"] as const) {
  readFileSync(values[file] ?? "")
}
const folder = values["cert-dir"] ?? ""
const tls = {
  cert: readFileSync(join(folder, "apiserver.crt"), "utf8"),
  key: readFileSync(join(folder, "apiserver.key"), "utf8"),
}
const { transport } = createCluster()
await listenWith(transport, { port: Number(values["secure-port"]), tls })
