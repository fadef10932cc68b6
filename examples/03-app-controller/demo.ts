// npm run demo [-- --keep | --control-plane | --kubeconfig FILE [--context NAME] | --repo URL --semver RANGE --path DIR]
import { join } from "node:path"
import { parseArgs, styleText } from "node:util"
import type { RequestRecord } from "@gitops-toolkit/client"
import { run, shutdownSignal } from "@gitops-toolkit/controller"
import { messageOf, refOf, type KubeObject } from "@gitops-toolkit/kube"
import { createNotifier, webhookChannel } from "@gitops-toolkit/notify"
import { createNarrator } from "./demo/narrate.ts"
import { releaseHistory } from "./demo/releases.ts"
import { createRepository } from "./demo/repository.ts"
import { createSink, type Sink } from "./demo/sink.ts"
import { claim, createStage, mustGet } from "./demo/stage.ts"
import {
  correctDrift,
  deleteApp,
  followRelease,
  installApp,
  prepare,
  refuseBroken,
  type FullScene,
  type Scene,
} from "./demo/story.ts"
import { openControlPlane, openEmbedded, openKubeconfig, type Target } from "./demo/target.ts"
import { printTree } from "./demo/tree.ts"
import { appController } from "./main.ts"

const { values: options } = parseArgs({
  options: {
    keep: { type: "boolean", default: false },
    "control-plane": { type: "boolean", default: false },
    repo: { type: "string" },
    semver: { type: "string", default: "1.x" },
    path: { type: "string", default: "overlays/production" },
    kubeconfig: { type: "string" },
    context: { type: "string" },
  },
})
const write = (line: string): void => console.log(line)

function openTarget(): Promise<Target> {
  if (options.kubeconfig !== undefined) return openKubeconfig(options.kubeconfig, options.context)
  return options["control-plane"] ? openControlPlane() : openEmbedded()
}

function appFor(repo: string): KubeObject {
  const { semver, path } = options
  return {
    apiVersion: "apps.example.com/v1",
    kind: "App",
    metadata: { name: "shop", namespace: "default" },
    spec: { repo, range: semver, path, interval: "1s" },
  }
}

function printRequests({ requests }: Scene): void {
  write("")
  write(styleText("bold", "API requests of the controller"))
  for (const [phase, sent] of requests) write(`  ${phase.padEnd(10)} ${String(sent.length).padStart(5)}`)
}

async function showTree(scene: Scene): Promise<void> {
  write("")
  for (const line of await printTree(scene.target, await mustGet(scene.target.people, refOf(scene.app))))
    write(`  ${line}`)
}

async function keepRunning(target: Target, stopped: AbortSignal): Promise<void> {
  write("")
  write(`Everything goes on running. Look at it with kubectl, stop it with Ctrl-C:`)
  write(`  export KUBECONFIG=${target.kubeconfig}`)
  write(`  kubectl get apps,deploy,cm -A`)
  write(`  kubectl -n shop scale deploy/web --replicas=9   # and watch it come back`)
  await whenAborted(stopped)
}

const whenAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((done) => signal.addEventListener("abort", () => done(), { once: true }))

function printNotifications({ received, refused }: Sink): void {
  claim(refused() === 0, "every notification is signed")
  claim(received.length > 0, "notifications arrive")
  write("")
  write(styleText("bold", `${received.length} signed notifications arrived`))
  for (const { severity, reason, message } of received) {
    write(`  ${severity.padEnd(6)} ${reason.padEnd(22)} ${message.split("\n")[0]}`)
  }
}

async function playStory(scene: FullScene): Promise<void> {
  await installApp(scene)
  await followRelease(scene)
  await correctDrift(scene)
  await refuseBroken(scene)
}

async function main(): Promise<void> {
  await using cleanup = new AsyncDisposableStack()
  const interrupted = shutdownSignal()
  const narrator = createNarrator(write)
  const target = await openTarget()
  cleanup.defer(() => target.close())
  const sink = await createSink()
  cleanup.defer(() => sink.close())
  const stage = createStage(narrator)
  const repository =
    options.repo === undefined ? await createRepository(join(import.meta.dirname, "repository")) : undefined
  if (repository) {
    cleanup.defer(() => repository.close())
    releaseHistory(repository)
  }
  write(`on ${target.name}, repository served by ${repository?.server ?? options.repo}`)

  const stop = new AbortController()
  const observers = [
    stage.observer,
    createNotifier({ channels: [webhookChannel({ url: sink.url, secret: sink.secret })] }),
  ]
  const running = run({ cluster: target.controller, controllers: [appController()], observers, signal: stop.signal })
  cleanup.defer(async () => {
    stop.abort()
    await running
  })

  const base = {
    target,
    stage,
    narrator,
    app: appFor(repository?.url ?? options.repo!),
    requests: new Map<string, readonly RequestRecord[]>(),
  }
  const strangers = repository ? await prepare(target) : []
  const playing = repository ? playStory({ ...base, repository }) : installApp(base)
  await Promise.race([playing, whenAborted(interrupted).then(() => Promise.reject(new Error("interrupted")))])
  await showTree(base)
  if (options.keep) await keepRunning(target, interrupted)
  await deleteApp(base, strangers)
  printRequests(base)
  printNotifications(sink)
  write("")
  write(styleText("green", `done in ${(narrator.elapsedMs() / 1000).toFixed(1)} s`))
}

try {
  await main()
} catch (error) {
  console.error(styleText("red", `the demo failed: ${messageOf(error)}`))
  process.exitCode = 1
}
