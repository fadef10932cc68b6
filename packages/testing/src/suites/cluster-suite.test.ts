import { connect } from "@gitops-toolkit/client"
import type { Cluster } from "@gitops-toolkit/kube"
import { afterAll, describe, expect, test } from "vitest"
import { createCluster, missingBinaries, startControlPlane } from "../index.ts"
import { clusterSuite } from "./cluster-suite.ts"

describe("the rules hold in process", () => {
  for (const { name, run } of clusterSuite(() => createCluster())) test(name, run)
})

describe("the rules hold over HTTP, by the real client", () => {
  const server = createCluster()
  afterAll(() => server[Symbol.asyncDispose]())
  let connected: Promise<Cluster> | undefined
  const connectOnce = async (): Promise<Cluster> =>
    connect({ kubeconfig: { text: (await server.listen({ tls: true })).kubeconfig } })
  for (const { name, run } of clusterSuite(() => (connected ??= connectOnce()))) test(name, run)
})

const missing = missingBinaries()
if (missing.length > 0) console.warn(`skipped: clusterSuite on the real server (missing: ${missing.join(", ")})`)

describe.skipIf(missing.length > 0)("the rules hold on the real API server", () => {
  let started: ReturnType<typeof startControlPlane> | undefined
  afterAll(async () => (await started)?.[Symbol.asyncDispose]())
  for (const { name, run } of clusterSuite(() => (started ??= startControlPlane())))
    test(name, { timeout: 60_000 }, run)
})

test("a rule that does not hold says which step", async () => {
  const cluster = createCluster()
  const forgetful: Cluster = { ...cluster, get: () => Promise.resolve(undefined) }
  const rule = clusterSuite(() => forgetful).find(({ name }) => name.startsWith("an object is there"))!
  await expect(rule.run()).rejects.toThrow(/^get ConfigMap a +=> same version\n {2}found no object$/)
})
