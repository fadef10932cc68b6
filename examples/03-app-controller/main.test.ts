import { createGit } from "@gitops-toolkit/source"
import { crdOf, run, type ControllerEvent } from "@gitops-toolkit/controller"
import type { KubeObject, ObjectRef } from "@gitops-toolkit/kube"
import { createCluster, createGitServer, type GitFiles } from "@gitops-toolkit/testing"
import { afterEach, describe, expect, test } from "vitest"
import { App, appController } from "./main.ts"

const configMap = (name: string, text: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n  namespace: prod\ndata:\n  text: ${text}\n`
const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: prod }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: "web:1" }] }
`
const tree = (...resources: readonly string[]): GitFiles => ({
  "app/kustomization.yaml": `resources: [${resources.map((_, i) => `r${i}.yaml`).join(", ")}]\n`,
  ...Object.fromEntries(resources.map((text, i) => [`app/r${i}.yaml`, text])),
})
const app: KubeObject = {
  apiVersion: "apps.example.com/v1",
  kind: "App",
  metadata: { name: "shop", namespace: "default" },
  spec: { repo: "", range: "1.x", path: "app", interval: "50ms" },
}
const appRef: ObjectRef = { apiVersion: "apps.example.com/v1", kind: "App", namespace: "default", name: "shop" }
const inProd = (kind: string, name: string, apiVersion = "v1"): ObjectRef => ({
  apiVersion,
  kind,
  namespace: "prod",
  name,
})

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

async function start(): Promise<{
  cluster: ReturnType<typeof createCluster>
  git: ReturnType<typeof createGitServer>
  until: (what: string, fits: (event: ControllerEvent) => boolean) => Promise<ControllerEvent>
}> {
  const git = createGitServer({ tags: { "v1.0.0": tree(deployment, configMap("a", "one"), configMap("b", "one")) } })
  const { close } = await git.listen()
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "prod" } }
  const cluster = createCluster({ kinds: [crdOf(App)], objects: [namespace], autoReady: true })
  const stop = new AbortController()
  const events: ControllerEvent[] = []
  let wake = (): void => undefined
  const observer = (event: ControllerEvent): void => {
    events.push(event)
    wake()
  }
  const running = run({
    cluster,
    controllers: [appController(createGit())],
    observers: [observer],
    signal: stop.signal,
  })
  cleanups.push(
    close,
    async () => cluster[Symbol.asyncDispose](),
    async () => {
      stop.abort()
      await running
    },
  )
  let seen = 0
  return {
    cluster,
    git,
    async until(what, fits) {
      for (const end = Date.now() + 20_000; Date.now() < end;) {
        const at = events.findIndex((event, index) => index >= seen && fits(event))
        if (at >= 0) {
          seen = at + 1
          return events[at]!
        }
        await new Promise<void>((done) => {
          wake = done
          setTimeout(done, 200)
        })
      }
      throw new Error(
        `waited in vain for ${what}; saw ${events.map((e) => `${e.type} ${String(e["message"] ?? "")}`).join("\n")}`,
      )
    },
  }
}

const finishedAt = (tag: string) => (event: ControllerEvent) =>
  event.type === "reconcile.finished" && String(event["revision"]).startsWith(`${tag}@`)

describe("the App controller", () => {
  test("installs, follows a release, prunes, corrects drift, and cleans up", { timeout: 60_000 }, async () => {
    const { cluster, git, until } = await start()
    await cluster.create({ ...app, spec: { ...(app.spec as object), repo: git.url } })
    await until("v1.0.0", finishedAt("v1.0.0"))
    expect(await cluster.get(inProd("ConfigMap", "b"))).toBeDefined()

    git.repository.commit(tree(deployment, configMap("a", "two")), { replace: true })
    git.repository.tag("v1.1.0")
    await until("v1.1.0", finishedAt("v1.1.0"))
    expect(await cluster.get(inProd("ConfigMap", "b"))).toBeUndefined()
    expect(await cluster.get(inProd("ConfigMap", "a"))).toMatchObject({ data: { text: "two" } })

    const web = inProd("Deployment", "web", "apps/v1")
    await cluster.patch(
      web,
      { type: "merge", patch: { spec: { replicas: 9 } } },
      { subresource: "scale", fieldManager: "kubectl" },
    )
    await until("the correction", (event) => event.type === "apply.done" && event["action"] === "update")
    expect(await cluster.get(web)).toMatchObject({ spec: { replicas: 2 } })

    await cluster.delete(appRef)
    await until("the finalizer", (event) => event.type === "finalize.finished")
    expect([await cluster.get(web), await cluster.get(inProd("ConfigMap", "a"))]).toEqual([undefined, undefined])
  })

  test("a broken overlay changes nothing and is told with file and line", { timeout: 60_000 }, async () => {
    const { cluster, git, until } = await start()
    await cluster.create({ ...app, spec: { ...(app.spec as object), repo: git.url } })
    await until("v1.0.0", finishedAt("v1.0.0"))
    const before = await cluster.get(inProd("ConfigMap", "a"))
    git.repository.commit({ "app/kustomization.yaml": "resources: [r1.yaml]\nreplicas:\n- name: web\n  count: many\n" })
    git.repository.tag("v1.1.0")
    const failed = await until("the failure", (event) => event.type === "reconcile.failed")
    expect(failed["message"]).toMatch(/app\/kustomization\.yaml:4/)
    expect(await cluster.get(inProd("ConfigMap", "a"))).toEqual(before)
    expect(await cluster.get(appRef)).toMatchObject({ status: { revision: expect.stringMatching(/^v1\.0\.0@/) } })
  })
})
