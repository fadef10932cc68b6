import type { KubeObject } from "@gitops-toolkit/kube"
import { createHookServer, type HookSpec } from "@gitops-toolkit/notify"
import type { NotifyCase } from "./case.ts"

interface Secret {
  readonly name: string
  readonly data: { readonly [key: string]: string }
}

interface HookRequest {
  readonly method: string
  readonly path: string
  readonly headers: { readonly [name: string]: string }
  readonly body: string
}

/** What our server of receivers answers in a case of corpus/notify/receivers/handle.yaml. */
export async function runReceiverCase(input: NotifyCase): Promise<unknown> {
  const given = input["receiver"] as
    | (KubeObject<HookSpec & { secretRef?: { name: string } }> & { status: { webhookPath: string } })
    | undefined
  const secret = input["secret"] as Secret | undefined
  const objects = (input["resources"] ?? []) as readonly KubeObject[]
  const { method, path, headers, body } = input["request"] as HookRequest
  let annotated = 0
  const serve = createHookServer({
    async find(at) {
      if (!given || given.status.webhookPath !== at) return undefined
      const token = secret?.name === given.spec?.secretRef?.name ? secret?.data["token"] : undefined
      return { receiver: given, token }
    },
    get: async ({ kind, name }) => objects.find((object) => object.kind === kind && object.metadata.name === name),
    list: async ({ kind, labels }) =>
      objects.filter((object) => {
        const own = object.metadata.labels ?? {}
        return object.kind === kind && Object.entries(labels).every(([name, value]) => own[name] === value)
      }),
    request: async () => void annotated++,
    crossNamespace: input["noCrossNamespaceRefs"] !== true,
  })
  const response = await serve(new Request(`http://stub.example${path}`, { method, headers, body }))
  return { status: response.status, annotated }
}
