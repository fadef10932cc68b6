import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync } from "node:fs"
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { connect } from "@gitops-toolkit/client"
import type { KubeObject } from "@gitops-toolkit/kube"
import { missingBinaries, startControlPlane, type ControlPlaneOptions } from "./index.ts"

const definition: KubeObject = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "apps.example.com" },
  spec: {
    group: "example.com",
    scope: "Namespaced",
    names: { kind: "App", plural: "apps", singular: "app", listKind: "AppList" },
    versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } }],
  },
}
const settings: KubeObject = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "a", namespace: "default" },
  data: { k: "v" },
}

/** Stand-ins that take the real programs' flags, so that all but the programs is tested on every machine. */
let standIns: string
/** Where this file's control planes make their folders: nobody else's are counted. */
let site: string
const outside = process.env["TMPDIR"]
beforeAll(async () => {
  standIns = await mkdtemp(join(tmpdir(), "gitops-toolkit-stand-ins-"))
  site = await mkdtemp(join(tmpdir(), "gitops-toolkit-sites-"))
  process.env["TMPDIR"] = site
  const sources = fileURLToPath(new URL("../../test/control-plane/", import.meta.url))
  for (const name of ["etcd", "kube-apiserver"]) {
    const command = [process.execPath, "--conditions=@gitops-toolkit/source", join(sources, `${name}.ts`)]
    const path = join(standIns, name)
    await writeFile(path, `#!/bin/sh\nexec ${command.map((word) => `'${word}'`).join(" ")} "$@"\n`)
    await chmod(path, 0o755)
  }
})
afterAll(async () => {
  if (outside === undefined) delete process.env["TMPDIR"]
  else process.env["TMPDIR"] = outside
  await rm(standIns, { recursive: true })
  await rm(site, { recursive: true })
})

const missing = missingBinaries()
if (missing.length > 0)
  console.warn(`skipped: startControlPlane() on the real programs (missing: ${missing.join(", ")})`)

const standInOptions = (): ControlPlaneOptions => ({
  env: { ...process.env, USE_EXISTING_CLUSTER: "", KUBEBUILDER_ASSETS: standIns },
})
const targets = [
  ["stand-ins", standInOptions, false],
  ["etcd and kube-apiserver", (): ControlPlaneOptions => ({}), missing.length > 0],
] as const

for (const [name, options, skip] of targets) {
  describe.skipIf(skip)(`on ${name}`, () => {
    test(
      "starts, serves what it was given, lends a kubeconfig, stops without a trace",
      { timeout: 60_000 },
      async () => {
        const plane = await startControlPlane({ ...options(), kinds: [definition], objects: [settings] })
        const folder = dirname(plane.kubeconfigPath)
        try {
          expect(
            (await plane.get({ apiVersion: "v1", kind: "ConfigMap", namespace: "default", name: "a" }))?.["data"],
          ).toEqual({ k: "v" })
          expect((await plane.list({ apiVersion: "example.com/v1", kind: "App" })).objects).toEqual([])
          expect(await readFile(plane.kubeconfigPath, "utf8")).toBe(plane.kubeconfig)
          expect((await stat(plane.kubeconfigPath)).mode & 0o077).toBe(0)
          expect(await plane.listen()).toMatchObject({ url: plane.url, kubeconfig: plane.kubeconfig })
          expect(plane.requests.at(-1)).toMatchObject({ method: "GET", status: 200 })
          await using other = await connect({ kubeconfig: { text: plane.kubeconfig } })
          expect((await other.kinds()).complete).toBe(true)
        } finally {
          await plane[Symbol.asyncDispose]()
        }
        expect(existsSync(folder)).toBe(false)
        await expect(plane.kinds({ refresh: true })).rejects.toMatchObject({ code: "Unreachable" })
      },
    )
  })
}

const withoutControllers = missingBinaries({ controllers: true })
if (withoutControllers.length > 0)
  console.warn(`skipped: the real controllers (missing: ${withoutControllers.join(", ")})`)

test.skipIf(withoutControllers.length > 0)(
  "with controllers owners' children go, and namespaces end",
  { timeout: 60_000 },
  async () => {
    await using plane = await startControlPlane({ controllers: true })
    const configMap = { apiVersion: "v1", kind: "ConfigMap" }
    await plane.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: "short-lived" } })
    const owner = await plane.apply({ ...configMap, metadata: { name: "owner", namespace: "short-lived" } })
    const ownerReferences = [{ ...configMap, name: "owner", uid: owner.metadata.uid! }]
    await plane.apply({ ...configMap, metadata: { name: "child", namespace: "short-lived", ownerReferences } })
    await plane.delete({ ...configMap, namespace: "short-lived", name: "owner" })
    for await (const event of plane.watch(configMap, {
      namespace: "short-lived",
      fieldSelector: "metadata.name=child",
    })) {
      if (event.type === "deleted" || (event.type === "listed" && event.objects.length === 0)) break
    }
    const namespace = { apiVersion: "v1", kind: "Namespace", name: "short-lived" }
    expect((await plane.delete(namespace))?.metadata.deletionTimestamp).toBeDefined()
    for await (const event of plane.watch(namespace, { fieldSelector: "metadata.name=short-lived" })) {
      if (event.type === "deleted" || (event.type === "listed" && event.objects.length === 0)) break
    }
    expect(await plane.get(namespace)).toBeUndefined()
  },
)

test("with autoReady workloads become ready", { timeout: 60_000 }, async () => {
  await using plane = await startControlPlane({ ...standInOptions(), autoReady: true })
  const deployment = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web", namespace: "default" } }
  const template = { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "c", image: "i" }] } }
  await plane.apply({ ...deployment, spec: { selector: { matchLabels: { app: "web" } }, template } })
  for await (const event of plane.watch(deployment, { namespace: "default" })) {
    const objects = event.type === "listed" ? event.objects : "object" in event ? [event.object] : []
    if (objects.some(({ status }) => (status as { readonly readyReplicas?: number } | undefined)?.readyReplicas === 1))
      break
  }
})

test.skipIf(withoutControllers.length > 0)(
  "with autoReady and controllers Pods run on two nodes, and fail as told",
  { timeout: 60_000 },
  async () => {
    const failures = [{ match: { image: "app:broken" }, kind: "ImagePullBackOff" }] as const
    await using plane = await startControlPlane({ controllers: true, autoReady: { failures } })
    const containers = [{ name: "c", image: "app:1" }]
    const template = { metadata: { labels: { app: "web" } }, spec: { containers } }
    const spec = { replicas: 2, selector: { matchLabels: { app: "web" } }, template }
    const deployment = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web", namespace: "default" } }
    await plane.apply({ ...deployment, spec })
    const broken = { apiVersion: "v1", kind: "Pod", metadata: { name: "broken", namespace: "default" } }
    await plane.apply({ ...broken, spec: { containers: [{ name: "c", image: "app:broken" }] } })
    const until = async (kind: object, isDone: (status: Record<string, unknown>) => boolean): Promise<void> => {
      for await (const event of plane.watch(kind as typeof deployment, { namespace: "default" })) {
        const objects = event.type === "listed" ? event.objects : "object" in event ? [event.object] : []
        if (objects.some(({ status }) => isDone((status ?? {}) as Record<string, unknown>))) return
      }
    }
    await until(deployment, (status) => status["readyReplicas"] === 2)
    await until(broken, (status) => JSON.stringify(status).includes("ImagePullBackOff"))
  },
)

describe("goes wrong loudly", () => {
  const left = async (): Promise<number> => (await readdir(site)).length

  test("with the last words of the program that ended", { timeout: 30_000 }, async () => {
    const folders = await left()
    const work = startControlPlane({ ...standInOptions(), flags: ["--feature-gates=Nonsense=true"] })
    await expect(work).rejects.toThrow(/StartFailed.*kube-apiserver ended:\s+unrecognized feature gate: Nonsense/)
    expect(await left()).toBe(folders)
  })

  test("when a program is not ready in time", async () => {
    const folders = await left()
    await expect(startControlPlane({ ...standInOptions(), startTimeoutMs: 1 })).rejects.toThrow(
      /StartFailed.*not ready after 1 ms/,
    )
    expect(await left()).toBe(folders)
  })

  test("when a program is not there", async () => {
    const env = { HOME: standIns, KUBEBUILDER_ASSETS: join(standIns, "nope") }
    await expect(startControlPlane({ env })).rejects.toMatchObject({ code: "BinaryMissing" })
  })

  test("when a kind is no definition, or the signal aborts", { timeout: 30_000 }, async () => {
    await expect(startControlPlane({ autoReady: { delayMs: 5 } })).rejects.toMatchObject({ code: "InvalidOptions" })
    await expect(startControlPlane({ ...standInOptions(), kinds: [settings] })).rejects.toMatchObject({
      code: "InvalidOptions",
    })
    const work = startControlPlane({ ...standInOptions(), signal: AbortSignal.timeout(200) })
    await expect(work).rejects.toMatchObject({ name: "TimeoutError" })
  })
})

test(
  "USE_EXISTING_CLUSTER takes the cluster of the kubeconfig, lends what it has, and leaves it running",
  { timeout: 30_000 },
  async () => {
    await using plane = await startControlPlane(standInOptions())
    const before = process.env["KUBECONFIG"]
    process.env["KUBECONFIG"] = plane.kubeconfigPath
    try {
      const again = await startControlPlane({
        env: { USE_EXISTING_CLUSTER: "true" },
        kinds: [definition],
        objects: [settings],
      })
      expect(again.url).toBe(plane.url)
      expect(again.kubeconfigPath).toBe(plane.kubeconfigPath)
      await using other = await connect({ kubeconfig: { text: again.kubeconfig } })
      expect(await other.get({ apiVersion: "v1", kind: "ConfigMap", namespace: "default", name: "a" })).toBeDefined()
      expect(await again.listen()).toMatchObject({ url: plane.url, kubeconfig: again.kubeconfig })
      expect((await again.transport({ method: "GET", path: "/readyz" })).status).toBe(200)
      const jane = again.userCluster({ user: "jane", groups: ["system:masters"] })
      expect((await jane.list({ apiVersion: "v1", kind: "ConfigMap" })).objects.length).toBeGreaterThan(0)
      await again[Symbol.asyncDispose]()
      const { kinds } = await plane.kinds({ refresh: true })
      expect(kinds.map(({ kind }) => kind)).toContain("App")
    } finally {
      if (before === undefined) delete process.env["KUBECONFIG"]
      else process.env["KUBECONFIG"] = before
    }
  },
)

/** How a test may end without cleaning up: what its process does, or the signal that it gets. */
const crashes: readonly { readonly how: string; readonly end?: string; readonly signal?: "SIGKILL" | "SIGINT" }[] = [
  { how: "is killed", signal: "SIGKILL" },
  { how: "is interrupted", signal: "SIGINT" },
  { how: "throws", end: 'setTimeout(() => { throw new Error("crashed") }, 50)' },
]
const crashTargets = [["stand-ins", false] as const, ["real programs", missing.length > 0] as const]

/** True while somebody listens there. */
function serves(url: string): Promise<boolean> {
  return fetch(`${url.replace("https", "http")}/`).then(
    () => true,
    (error: { readonly cause?: { readonly code?: string } }) => error.cause?.code !== "ECONNREFUSED",
  )
}

for (const [target, skip] of crashTargets) {
  test.skipIf(skip).each(target === "stand-ins" ? crashes : crashes.slice(0, 1))(
    `the ${target} end, and their files go, with a process that $how`,
    { timeout: 60_000 },
    async ({ end = "", signal }) => {
      const code = `import { startControlPlane } from "@gitops-toolkit/testing"
        const plane = await startControlPlane()
        console.log(plane.url, plane.kubeconfigPath)
        setInterval(() => undefined, 1000)
        ${end}`
      const child = spawn(
        process.execPath,
        ["--conditions=@gitops-toolkit/source", "--input-type=module", "--eval", code],
        {
          cwd: fileURLToPath(new URL("../../../..", import.meta.url)),
          env: {
            ...process.env,
            USE_EXISTING_CLUSTER: "",
            ...(target === "stand-ins" ? { KUBEBUILDER_ASSETS: standIns } : {}),
          },
          stdio: ["ignore", "pipe", "ignore"],
        },
      )
      const ended = once(child, "exit")
      const [line] = (await once(createInterface(child.stdout), "line")) as [string]
      const [url = "", path = ""] = line.split(" ")
      expect(existsSync(path)).toBe(true)
      if (signal) child.kill(signal)
      await ended
      while ((await serves(url)) || existsSync(path)) await new Promise((resolve) => setTimeout(resolve, 50))
    },
  )
}
