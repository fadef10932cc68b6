// The story: what a person does to the repository and the cluster, and what the controller makes of it.
import type { RequestRecord } from "@gitops-toolkit/client"
import type { ControllerEvent } from "@gitops-toolkit/controller"
import { refOf, type KubeObject, type ObjectRef } from "@gitops-toolkit/kube"
import type { Narrator } from "./narrate.ts"
import { releaseBroken, releaseChange } from "./releases.ts"
import type { Repository } from "./repository.ts"
import { claim, ensure, eventually, mustGet, type Stage } from "./stage.ts"
import type { Target } from "./target.ts"
import { inventoryOf } from "./tree.ts"

/** What the story is played with. */
export interface Scene {
  readonly target: Target
  readonly stage: Stage
  readonly narrator: Narrator
  readonly app: KubeObject
  /** Requests of the controller, by phase. */
  readonly requests: Map<string, readonly RequestRecord[]>
}

/** The scene of the whole story, which releases versions of its own. */
export interface FullScene extends Scene {
  readonly repository: Repository
}

const shop = (kind: string, name: string, apiVersion = "v1"): ObjectRef => ({
  apiVersion,
  kind,
  namespace: "shop",
  name,
})
const web = shop("Deployment", "web", "apps/v1")
const isFinished = (event: ControllerEvent): boolean => event.type === "reconcile.finished"
const isAt = (tag: string) => (event: ControllerEvent) =>
  isFinished(event) && String(event["revision"]).startsWith(`${tag}@`)

/** Plays one phase and counts the controller's requests in it. */
async function phase(
  scene: Scene,
  [name, text]: readonly [string, string],
  play: (since: number) => Promise<void>,
): Promise<void> {
  const { target, stage, narrator, requests } = scene
  narrator.begin(name, text)
  const before = target.requests.length
  await play(stage.events.length)
  requests.set(name, target.requests.slice(before))
}

/** Waits until the watches that a first reconcile opens are open: no request for a while. */
async function quiet({ requests }: Target): Promise<void> {
  let known = -1
  await eventually("the watches to be open", async () => {
    if (requests.length === known) return true
    known = requests.length
    await new Promise((resolve) => setTimeout(resolve, 400))
    return undefined
  })
}

/** Creates the App and waits for its first two reconciles; the second must not send a single request. */
export async function installApp(scene: Scene): Promise<void> {
  const { target, stage, narrator, app } = scene
  await phase(scene, ["install", "an App asks for a repository, a range of tags and a folder"], async (since) => {
    await target.people.create(app)
    narrator.tell({ subject: refOf(app), action: "created by a person" })
    await stage.next(isFinished, { since, what: "the first reconcile" })
    await quiet(target)
  })
  await phase(scene, ["again", "the second reconcile finds nothing to do"], async (since) => {
    await stage.next(isFinished, { since, what: "the second reconcile" })
  })
  const sent = scene.requests.get("again") ?? []
  const listing = sent.map(({ method, path }) => `${method} ${path}`).join(", ")
  claim(sent.length === 0, `a reconcile without changes sends no request (sent: ${listing})`)
}

/** Tag v1.2.0: one object changes, one goes, one comes. */
export async function followRelease(scene: FullScene): Promise<void> {
  const { target, stage, narrator, repository } = scene
  await phase(scene, ["release", "tag v1.2.0 changes one object, removes one and adds one"], async (since) => {
    releaseChange(repository)
    narrator.tell({ subject: "repository", action: "v1.2.0 pushed by a person" })
    await stage.next(isAt("v1.2.0"), { since, what: "v1.2.0" })
  })
  claim((await target.people.get(shop("ConfigMap", "banner"))) === undefined, "the removed object was pruned")
  await mustGet(target.people, shop("Service", "metrics"))
  await mustGet(target.people, shop("ConfigMap", "guestbook"))
}

interface WebSpec {
  readonly replicas: number
  readonly template: { readonly spec: { readonly containers: readonly { readonly image: string }[] } }
}

const webState = (object: KubeObject): string => {
  const { replicas, template } = object.spec as WebSpec
  return `${replicas} × ${template.spec.containers[0]!.image}`
}

/** Two edits behind the controller's back, each with the field manager that kubectl uses for it. */
export async function correctDrift(scene: FullScene): Promise<void> {
  const { people } = scene.target
  await phase(scene, ["drift", "somebody scales the Deployment and changes its image by hand"], async () => {
    const before = webState(await mustGet(people, web))
    const edits: readonly (readonly [string, string, () => Promise<KubeObject>])[] = [
      [
        "kubectl scale --replicas=7",
        "kubectl",
        () =>
          people.patch(
            web,
            { type: "merge", patch: { spec: { replicas: 7 } } },
            { subresource: "scale", fieldManager: "kubectl" },
          ),
      ],
      [
        "kubectl set image web=intruder:9",
        "kubectl-set",
        () =>
          people.patch(
            web,
            {
              type: "strategic",
              patch: { spec: { template: { spec: { containers: [{ name: "web", image: "intruder:9" }] } } } },
            },
            { fieldManager: "kubectl-set" },
          ),
      ],
    ]
    for (const [text, , edit] of edits) {
      await edit()
      scene.narrator.tell({ subject: web, action: text, style: "yellow" })
      await eventually("the edit to be reverted", async () => {
        const live = await mustGet(people, web)
        return webState(live) === before ? live : undefined
      })
      scene.narrator.tell({ subject: web, action: `is ${before} again`, style: "green" })
    }
  })
}

/** Tag v1.3.0 cannot be built: the error points, and the cluster stays as it was. */
export async function refuseBroken(scene: FullScene): Promise<void> {
  const { target, stage, narrator, repository, app } = scene
  const versions = async (): Promise<string> => {
    const owner = await mustGet(target.people, refOf(app))
    const objects = await Promise.all(inventoryOf(owner).map((ref) => mustGet(target.people, ref)))
    return objects
      .map((object) => `${object.kind}/${object.metadata.name}@${object.metadata.resourceVersion}`)
      .join(" ")
  }
  await phase(scene, ["broken", "tag v1.3.0 holds an overlay that cannot be built"], async (since) => {
    const before = await versions()
    releaseBroken(repository)
    narrator.tell({ subject: "repository", action: "v1.3.0 pushed by a person" })
    const failed = await stage.next((event) => event.type === "reconcile.failed", { since, what: "the failure" })
    claim(/kustomization\.yaml:\d+/.test(String(failed["message"])), "the error names file and line")
    claim(/replicas/.test(String(failed["message"])), "the error names the field")
    claim((await versions()) === before, "nothing in the cluster changed")
    const { status } = (await mustGet(target.people, refOf(app))) as { status: { revision: string } }
    claim(status.revision.startsWith("v1.2.0@"), "the last good revision stays")
    narrator.tell({ subject: refOf(app), action: `stays at ${status.revision}`, style: "green" })
  })
}

/** The App goes, and with it what it owned; a stranger's object beside it stays. */
export async function deleteApp(scene: Scene, strangers: readonly ObjectRef[]): Promise<void> {
  const { target, narrator, app } = scene
  await phase(scene, ["delete", "the App is deleted, and what it owned goes with it"], async () => {
    const owned = inventoryOf(await mustGet(target.people, refOf(app)))
    await target.people.delete(refOf(app))
    narrator.tell({ subject: refOf(app), action: "deleted by a person" })
    await eventually("the App to be gone", async () => ((await target.people.get(refOf(app))) ? undefined : true))
    for (const ref of owned) {
      const gone = (await target.people.get(ref).catch(() => undefined)) === undefined
      claim(gone, `${ref.kind}/${ref.name} is gone`)
    }
    for (const ref of strangers) {
      await mustGet(target.people, ref)
      narrator.tell({ subject: ref, action: "not ours: still there", style: "green" })
    }
  })
}

/** The namespace of the story and an object in it that belongs to somebody else. */
export async function prepare({ people }: Target): Promise<readonly ObjectRef[]> {
  const guestbook: KubeObject = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "guestbook", namespace: "shop", labels: { "app.kubernetes.io/part-of": "shop" } },
    data: { entry: "I was here before the App" },
  }
  await ensure(people, { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } })
  await ensure(people, guestbook)
  return [refOf(guestbook)]
}
