import { createHmac } from "node:crypto"
import { describe, expect, test } from "vitest"
import {
  createHookServer,
  createReceiver,
  equalSecrets,
  hookPathOf,
  verifySignature,
  type ReceivedEvent,
  type ReceiverOptions,
} from "./index.ts"

const body = '{"ref":"refs/heads/main"}'
const sign = (text: string, algorithm = "sha256", secret = "s3cret"): string =>
  `${algorithm}=${createHmac(algorithm, secret).update(text).digest("hex")}`

function post(headers: { readonly [name: string]: string }, text = body): Request {
  return new Request("http://localhost/hook", { method: "POST", headers, body: text })
}

async function receive(
  options: Partial<ReceiverOptions>,
  request: Request,
): Promise<{ status: number; events: ReceivedEvent[] }> {
  const events: ReceivedEvent[] = []
  const receiver = createReceiver({
    kind: "github",
    secret: "s3cret",
    onPush: (event) => void events.push(event),
    ...options,
  })
  const { status } = await receiver(request)
  return { status, events }
}

describe("authentication", () => {
  test.each<[string, Partial<ReceiverOptions>, { readonly [name: string]: string }, number]>([
    ["github", {}, { "x-hub-signature-256": sign(body) }, 200],
    ["github, sha1", {}, { "x-hub-signature": sign(body, "sha1") }, 200],
    [
      "github, wrong sha256 and right sha1",
      {},
      { "x-hub-signature-256": sign("x"), "x-hub-signature": sign(body, "sha1") },
      400,
    ],
    ["github, another body", {}, { "x-hub-signature-256": sign("x") }, 400],
    ["github, another secret", {}, { "x-hub-signature-256": sign(body, "sha256", "other") }, 400],
    ["github, no signature", {}, {}, 400],
    ["github, strange algorithm", {}, { "x-hub-signature-256": sign(body, "md5") }, 400],
    ["generic-hmac, sha512", { kind: "generic-hmac" }, { "x-signature": sign(body, "sha512") }, 200],
    ["generic-hmac, no prefix", { kind: "generic-hmac" }, { "x-signature": sign(body).slice(7) }, 400],
    ["gitlab", { kind: "gitlab" }, { "x-gitlab-token": "s3cret" }, 200],
    ["gitlab, wrong token", { kind: "gitlab" }, { "x-gitlab-token": "s3cre" }, 400],
    ["harbor", { kind: "harbor" }, { authorization: "s3cret" }, 200],
    ["harbor, bearer", { kind: "harbor" }, { authorization: "Bearer s3cret" }, 400],
    ["nexus", { kind: "nexus" }, { "x-nexus-webhook-signature": sign(body, "sha1").slice(5) }, 200],
    ["generic", { kind: "generic" }, {}, 200],
    ["quay", { kind: "quay" }, {}, 200],
    ["cdevents without an event", { kind: "cdevents" }, {}, 400],
  ])("%s", async (_name, options, headers, expected) => {
    const { status, events } = await receive(options, post(headers))
    expect(status).toBe(expected)
    expect(events).toHaveLength(expected === 200 ? 1 : 0)
  })

  test.each(["generic-hmac", "github", "gitlab", "bitbucket", "harbor", "nexus"] as const)(
    "%s needs a secret",
    (kind) => {
      for (const secret of [{}, { secret: "" }]) {
        expect(() => createReceiver({ kind, onPush: () => undefined, ...secret })).toThrow(
          expect.objectContaining({ code: "InvalidConfig" }),
        )
      }
    },
  )

  test("unknown kinds, inherited names among them, are refused", () => {
    for (const kind of ["forgejo", "constructor", "__proto__"]) {
      expect(() => createReceiver({ kind: kind as "github", onPush: () => undefined })).toThrow("unknown")
    }
  })

  test("an empty secret proves nothing", () => {
    expect(verifySignature(sign(body, "sha256", ""), Buffer.from(body), "")).toBe(false)
    expect([equalSecrets("a", "a"), equalSecrets("a", "b"), equalSecrets("a", "aa")]).toEqual([true, false, false])
  })
})

describe("requests", () => {
  const signed = { "x-hub-signature-256": sign(body), "x-github-event": "push" }

  test("the payload and the event's name are handed over", async () => {
    const { events } = await receive({ events: ["PUSH"] }, post(signed))
    expect(events[0]).toMatchObject({ kind: "github", event: "push", payload: { ref: "refs/heads/main" } })
  })

  test("a form is read too", async () => {
    const form = `payload=${encodeURIComponent(body)}`
    const headers = { "x-hub-signature-256": sign(form), "content-type": "application/x-www-form-urlencoded" }
    expect((await receive({}, post(headers, form))).events[0]?.payload).toEqual({ ref: "refs/heads/main" })
  })

  test("other events are accepted and ignored, or refused", async () => {
    expect(await receive({ events: ["release"] }, post(signed))).toEqual({ status: 200, events: [] })
    expect(await receive({ events: ["release"], otherEvents: "reject" }, post(signed))).toEqual({
      status: 400,
      events: [],
    })
  })

  test("only POST, only so much, and failures say nothing", async () => {
    expect((await receive({}, new Request("http://localhost/"))).status).toBe(405)
    expect((await receive({ maxBytes: 5 }, post(signed))).status).toBe(413)
    const stream = new ReadableStream({
      pull(controller) {
        controller.enqueue(new Uint8Array(1024 * 1024))
      },
    })
    const endless = new Request("http://localhost/", { method: "POST", body: stream, duplex: "half" } as RequestInit)
    expect((await receive({}, endless)).status).toBe(413)
    const errors: unknown[] = []
    const failing = createReceiver({
      kind: "generic",
      onPush: () => Promise.reject(new Error("secret detail")),
      onError: (error) => errors.push(error),
    })
    const response = await failing(post({}))
    expect([response.status, await response.text(), errors.length]).toEqual([500, "", 1])
  })
})

describe("hooks of Flux's receivers", () => {
  const receiver =
    (spec: object): Parameters<typeof createHookServer>[0]["find"] =>
    async (path) =>
      path === hookPathOf("tok", "r", "apps")
        ? {
            token: "tok",
            receiver: {
              apiVersion: "notification.toolkit.fluxcd.io/v1",
              kind: "Receiver",
              metadata: { name: "r", namespace: "apps" },
              spec: { type: "generic", ...spec },
              status: { conditions: [{ type: "Ready", status: "True" }] },
            },
          }
        : undefined

  async function hook(
    spec: object,
    path = hookPathOf("tok", "r", "apps"),
  ): Promise<{ status: number; requested: string[] }> {
    const requested: string[] = []
    const serve = createHookServer({
      find: receiver(spec),
      get: async ({ apiVersion, kind, namespace, name }) =>
        name === "gone" ? undefined : { apiVersion, kind, metadata: { name, namespace: namespace ?? "" } },
      list: async ({ apiVersion, kind, namespace }) =>
        ["a", "b"].map((name) => ({ apiVersion, kind, metadata: { name, namespace } })),
      request: async ({ kind, metadata }) => void requested.push(`${kind}/${metadata.namespace}/${metadata.name}`),
      evaluate: (expression, { req }) => expression === "push" && (req as { ref?: string }).ref !== undefined,
      crossNamespace: false,
    })
    const response = await serve(new Request(`http://localhost${path}`, { method: "POST", body }))
    return { status: response.status, requested }
  }

  test.each<[string, object, number, string[]]>([
    ["a named target", { resources: [{ kind: "GitRepository", name: "web" }] }, 200, ["GitRepository/apps/web"]],
    [
      "targets by label",
      { resources: [{ kind: "GitRepository", name: "*", matchLabels: { a: "b" } }] },
      200,
      ["GitRepository/apps/a", "GitRepository/apps/b"],
    ],
    ["no labels for all", { resources: [{ kind: "GitRepository", name: "*" }] }, 500, []],
    ["an unknown kind", { resources: [{ kind: "constructor", name: "x" }] }, 500, []],
    ["another namespace", { resources: [{ kind: "Bucket", name: "x", namespace: "prod" }] }, 500, []],
    [
      "one missing, the others still",
      {
        resources: [
          { kind: "Bucket", name: "gone" },
          { kind: "Bucket", name: "x" },
        ],
      },
      500,
      ["Bucket/apps/x"],
    ],
    [
      "a filter that passes",
      { resourceFilter: "push", resources: [{ kind: "Bucket", name: "x" }] },
      200,
      ["Bucket/apps/x"],
    ],
    ["a filter that does not", { resources: [{ kind: "Bucket", name: "x", filter: "tag" }] }, 200, []],
    ["suspended", { suspend: true }, 503, []],
    ["an unknown type", { type: "forgejo" }, 500, []],
  ])("%s", async (_name, spec, status, requested) => expect(await hook(spec)).toEqual({ status, requested }))

  test("another path is not there", async () => {
    expect((await hook({}, "/hook/other")).status).toBe(404)
  })
})
