import { conditionsOf, isTrue, type KubeObject, type ObjectRef } from "@gitops-toolkit/kube"
import { createHash } from "node:crypto"
import { NotifyError } from "../error.ts"
import type { ReceiverKind } from "./forges.ts"
import { createReceiver, type ReceivedEvent } from "./receiver.ts"

/** One entry of a receiver's `resources`. */
export interface HookTarget {
  /** Default: the version of the known Flux kind. */
  readonly apiVersion?: string
  readonly kind: string
  /** A name, or `*` together with `matchLabels`. */
  readonly name?: string
  /** Default: the receiver's. */
  readonly namespace?: string
  readonly matchLabels?: { readonly [name: string]: string }
  /** An expression that an object must fulfil too. */
  readonly filter?: string
}

/** The part of Flux's `Receiver` (`notification.toolkit.fluxcd.io/v1`) that decides about webhooks. */
export interface HookSpec {
  readonly type: ReceiverKind | (string & {})
  readonly events?: readonly string[]
  readonly resources?: readonly HookTarget[]
  readonly resourceFilter?: string
  readonly suspend?: boolean
}

/** What a filter expression sees. */
export interface FilterInput {
  /** The parsed body. */
  readonly req: unknown
  /** `apiVersion`, `kind` and `metadata` of the object, nothing else. */
  readonly res: unknown
}

/** Options of `createHookServer`. */
export interface HookServerOptions {
  /** The receiver whose `status.webhookPath` is `path`, with its token; a token of `undefined` means that there is none. */
  readonly find: (
    path: string,
  ) => Promise<{ readonly receiver: KubeObject<HookSpec>; readonly token: string | undefined } | undefined>
  /** One object; `undefined` when there is none. */
  readonly get: (ref: ObjectRef) => Promise<KubeObject | undefined>
  /** All objects of a kind in a namespace that have these labels. */
  readonly list: (selector: {
    readonly apiVersion: string
    readonly kind: string
    readonly namespace: string
    readonly labels: { readonly [name: string]: string }
  }) => Promise<readonly KubeObject[]>
  /** Asks for a reconcile of the object, by annotation for example. */
  readonly request: (object: KubeObject) => Promise<void>
  /** Evaluates a filter; absent: a receiver with filters is answered with 500. Throws when the expression is wrong. */
  readonly evaluate?: (expression: string, input: FilterInput) => boolean | Promise<boolean>
  /** Whether targets may live in other namespaces; default true. */
  readonly crossNamespace?: boolean
  /** Called for whatever went wrong; the answers say nothing about why. */
  readonly onError?: (error: unknown) => void
}

/**
 * The path of a receiver: `/hook/` and the SHA-256 of its token, name and namespace, as Flux has it.
 *
 * @example
 * hookPathOf("s3cret", "fleet", "flux-system")
 * // "/hook/76d74971cc4447fc5711005343fb224e5ee1155405a805397db761ca8874fd66"
 */
export function hookPathOf(token: string, name: string, namespace: string): string {
  return `/hook/${createHash("sha256")
    .update(token + name + namespace)
    .digest("hex")}`
}

/**
 * Serves the webhooks of Flux's `Receiver` objects. Answers, in this order: 413 too large · 404 no such path · 503 suspended or
 * not ready · 400 not authentic or another event · 500 some target could not be requested (the others still were) · 200.
 * Nothing in a webhook's body changes what is done beyond asking for a reconcile.
 *
 * @example
 * const serve = createHookServer({ find, get, list, request })
 * const response = await serve(new Request("http://localhost/hook/abc", { method: "POST", body: "{}" }))
 */
export function createHookServer(options: HookServerOptions): (request: Request) => Promise<Response> {
  return async (request) => {
    try {
      return await serve(request, options)
    } catch (error) {
      options.onError?.(error)
      return new Response(null, { status: 500 })
    }
  }
}

const maxBytes = 3 * 1024 * 1024

async function serve(request: Request, options: HookServerOptions): Promise<Response> {
  const declared = Number(request.headers.get("content-length") ?? 0)
  if (declared > maxBytes) return new Response(null, { status: 413 })
  const found = await options.find(new URL(request.url).pathname)
  if (!found) return new Response(null, { status: 404 })
  const { receiver, token } = found
  const spec = receiver.spec
  if (!spec || spec.suspend || !isTrue(conditionsOf(receiver), "Ready")) return new Response(null, { status: 503 })
  if (!token) return new Response(null, { status: 400 })
  const receive = createReceiver({
    kind: spec.type as ReceiverKind,
    secret: token,
    events: spec.events ?? [],
    otherEvents: "reject",
    maxBytes,
    onPush: (event) => requestAll(receiver as KubeObject<HookSpec> & { readonly spec: HookSpec }, event, options),
    ...(options.onError ? { onError: options.onError } : {}),
  })
  return receive(request)
}

type Receiver = KubeObject<HookSpec> & { readonly spec: HookSpec }

async function requestAll(receiver: Receiver, event: ReceivedEvent, options: HookServerOptions): Promise<void> {
  const failures: unknown[] = []
  for (const target of receiver.spec.resources ?? []) {
    try {
      await requestTarget(receiver, target, { event, options })
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} targets could not be requested`)
}

interface Work {
  readonly event: ReceivedEvent
  readonly options: HookServerOptions
}

async function requestTarget(receiver: Receiver, target: HookTarget, { event, options }: Work): Promise<void> {
  const filters = [receiver.spec.resourceFilter, target.filter].filter((text) => text !== undefined && text !== "")
  for (const object of await objectsOf(receiver, target, options)) {
    const { apiVersion, kind, metadata } = object
    const input: FilterInput = { req: event.payload, res: { apiVersion, kind, metadata } }
    let wanted = true
    for (const expression of filters) {
      if (!options.evaluate) throw new NotifyError("InvalidConfig", "filters need an evaluator")
      wanted &&= await options.evaluate(expression!, input)
    }
    if (wanted) await options.request(object)
  }
}

async function objectsOf(
  receiver: Receiver,
  target: HookTarget,
  options: HookServerOptions,
): Promise<readonly KubeObject[]> {
  const { kind, name = "", matchLabels = {} } = target
  const own = receiver.metadata.namespace ?? ""
  const namespace = target.namespace ?? own
  const apiVersion = target.apiVersion ?? fluxVersions[kind]
  if (!apiVersion) throw new NotifyError("InvalidConfig", `the kind ${kind} needs an apiVersion`)
  if (namespace !== own && options.crossNamespace === false) {
    throw new NotifyError("InvalidConfig", "references to other namespaces are not allowed")
  }
  if (name === "*") {
    if (Object.keys(matchLabels).length === 0) throw new NotifyError("InvalidConfig", "the name * needs matchLabels")
    return options.list({ apiVersion, kind, namespace, labels: matchLabels })
  }
  const object = await options.get({ apiVersion, kind, name, ...(namespace === "" ? {} : { namespace }) })
  if (!object) throw new NotifyError("InvalidEvent", `${kind}/${name} does not exist`)
  return [object]
}

const fluxVersions: { readonly [kind: string]: string } = Object.assign(Object.create(null) as object, {
  Bucket: "source.toolkit.fluxcd.io/v1",
  GitRepository: "source.toolkit.fluxcd.io/v1",
  HelmChart: "source.toolkit.fluxcd.io/v1",
  HelmRepository: "source.toolkit.fluxcd.io/v1",
  OCIRepository: "source.toolkit.fluxcd.io/v1",
  Kustomization: "kustomize.toolkit.fluxcd.io/v1",
  HelmRelease: "helm.toolkit.fluxcd.io/v2",
  ImageRepository: "image.toolkit.fluxcd.io/v1",
  ImageUpdateAutomation: "image.toolkit.fluxcd.io/v1",
})
