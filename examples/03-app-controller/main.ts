// A GitOps controller: every App follows the newest tag of a repository within its range.
import { connect } from "@gitops-toolkit/client"
import { defineController, defineKind, run, shutdownSignal } from "@gitops-toolkit/controller"
import { settle } from "@gitops-toolkit/health"
import { parseDuration } from "@gitops-toolkit/kube"
import { build } from "@gitops-toolkit/kustomize"
import { createNotifier, webhookChannel } from "@gitops-toolkit/notify"
import { apply, plan, prune, remove } from "@gitops-toolkit/reconcile"
import { createGit } from "@gitops-toolkit/source"
import { z } from "zod"

export const App = defineKind({
  group: "apps.example.com",
  version: "v1",
  kind: "App",
  spec: z.object({ repo: z.url(), range: z.string(), path: z.string(), interval: z.string().default("10m") }),
})

export const appController = (git = createGit()) =>
  defineController({
    kind: App,
    async *reconcile(app, { cluster, live, inventory, signal }) {
      const artifact = yield* git.fetch({ url: app.spec.repo, ref: { semver: app.spec.range }, signal })
      const { objects } = await build(artifact.files, app.spec.path, { signal })
      const changes = await plan(cluster, objects, { owner: app, inventory, live, signal })
      yield* apply(cluster, changes, { inventory, live, signal })
      yield* settle(cluster, changes.keeps, { timeoutMs: 300_000, live, signal })
      yield* prune(cluster, changes, { inventory, live, signal })
      const requeueAfterMs = Number(parseDuration(app.spec.interval) / 1_000_000n)
      return { status: { revision: artifact.revision }, requeueAfterMs }
    },
    finalize: (app, { cluster, inventory, signal }) => remove(cluster, { owner: app, inventory, signal }),
  })

if (import.meta.main) {
  const channels = [webhookChannel({ url: process.env["WEBHOOK_URL"]!, secret: process.env["WEBHOOK_SECRET"]! })]
  const observers = [createNotifier({ channels })]
  await run({ cluster: await connect(), controllers: [appController()], observers, signal: shutdownSignal() })
}
