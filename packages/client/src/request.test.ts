import { printQuery } from "@gitops-toolkit/http"
import type { KindInfo, KubeObject, ObjectRef } from "@gitops-toolkit/kube"
import { describe, expect, test } from "vitest"
import * as requests from "./request.ts"

const info = (apiVersion: string, kind: string, plural: string, namespaced = true): KindInfo => ({
  apiVersion,
  kind,
  plural,
  singular: kind.toLowerCase(),
  namespaced,
  verbs: [],
  shortNames: [],
  categories: [],
  subresources: [],
})
const configMaps = info("v1", "ConfigMap", "configmaps")
const deployments = info("apps/v1", "Deployment", "deployments")
const roles = info("rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles", false)
const ref = (kind: KindInfo, name: string, namespace?: string): ObjectRef => ({
  apiVersion: kind.apiVersion,
  kind: kind.kind,
  name,
  ...(namespace !== undefined && { namespace }),
})
const object: KubeObject = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "a", namespace: "ns" },
  n: 9007199254740993n,
}
const body = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"ns"},"n":9007199254740993}'
const print = (request: requests.ApiRequest): string => `${request.method} ${request.path}${printQuery(request.query)}`

describe("paths", () => {
  test.each([
    [configMaps, ref(configMaps, "a", "ns"), undefined, "/api/v1/namespaces/ns/configmaps/a"],
    [deployments, ref(deployments, "a", "ns"), "status", "/apis/apps/v1/namespaces/ns/deployments/a/status"],
    [
      roles,
      ref(roles, "system:Foo-Bar"),
      undefined,
      "/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3AFoo-Bar",
    ],
    [roles, ref(roles, "x", "ignored"), undefined, "/apis/rbac.authorization.k8s.io/v1/clusterroles/x"],
    [configMaps, ref(configMaps, "ä b?c#d", "ns"), undefined, "/api/v1/namespaces/ns/configmaps/%C3%A4%20b%3Fc%23d"],
  ])("%#: %o", (kind, of, subresource, path) => {
    expect(requests.objectPath(kind, of, subresource)).toBe(path)
  })

  test.each([
    [configMaps, ref(configMaps, "a"), undefined],
    [configMaps, ref(configMaps, "", "ns"), undefined],
    [configMaps, ref(configMaps, "..", "ns"), undefined],
    [configMaps, ref(configMaps, ".", "ns"), undefined],
    [configMaps, ref(configMaps, "../../secrets/x", "ns"), undefined],
    [configMaps, ref(configMaps, "%2e%2e", "ns"), undefined],
    [configMaps, ref(configMaps, "a", ".."), undefined],
    [configMaps, ref(configMaps, "a", "x/y"), undefined],
    [configMaps, ref(configMaps, "a", "ns"), "../../secrets"],
  ])("%#: %o is refused", (kind, of, subresource) => {
    expect(() => requests.objectPath(kind, of, subresource)).toThrow("BadRequest")
  })
})

describe("verbs", () => {
  const strict = "fieldManager=m&fieldValidation=Strict"
  const all = { fieldManager: "m" }
  test.each([
    ["get", requests.getRequest(configMaps, ref(configMaps, "a", "ns")), "GET /api/v1/namespaces/ns/configmaps/a"],
    ["create", requests.createRequest(configMaps, object, all), `POST /api/v1/namespaces/ns/configmaps?${strict}`],
    [
      "create on a sub-resource",
      requests.createRequest(configMaps, object, { ...all, subresource: "eviction" }),
      `POST /api/v1/namespaces/ns/configmaps/a/eviction?${strict}`,
    ],
    ["update", requests.updateRequest(configMaps, object, all), `PUT /api/v1/namespaces/ns/configmaps/a?${strict}`],
    [
      "dry run",
      requests.updateRequest(configMaps, object, { dryRun: true, fieldValidation: "Warn", subresource: "status" }),
      "PUT /api/v1/namespaces/ns/configmaps/a/status?fieldValidation=Warn&dryRun=All",
    ],
    ["apply", requests.applyRequest(configMaps, object, all), `PATCH /api/v1/namespaces/ns/configmaps/a?${strict}`],
    [
      "forced apply",
      requests.applyRequest(configMaps, object, { ...all, force: true, dryRun: true }),
      `PATCH /api/v1/namespaces/ns/configmaps/a?${strict}&dryRun=All&force=true`,
    ],
    [
      "delete",
      requests.deleteRequest(configMaps, ref(configMaps, "a", "ns")),
      "DELETE /api/v1/namespaces/ns/configmaps/a",
    ],
    [
      "list",
      requests.selectRequest(
        configMaps,
        { namespace: "ns", labelSelector: "a in (b,c)" },
        { limit: "500", continue: "" },
      ),
      "GET /api/v1/namespaces/ns/configmaps?labelSelector=a%20in%20(b%2Cc)&limit=500",
    ],
    ["list of all", requests.selectRequest(deployments, {}, {}), "GET /apis/apps/v1/deployments"],
    [
      "list of a cluster-scoped kind",
      requests.selectRequest(roles, { namespace: "ns" }, {}),
      "GET /apis/rbac.authorization.k8s.io/v1/clusterroles",
    ],
  ])("%s", (_, request, line) => {
    expect(print(request)).toBe(line)
  })

  test.each([
    [
      { type: "json", operations: [{ op: "remove", path: "/a" }] },
      "application/json-patch+json",
      '[{"op":"remove","path":"/a"}]',
      "unreceived",
    ],
    [{ type: "merge", patch: { a: null } }, "application/merge-patch+json", '{"a":null}', "always"],
    [{ type: "strategic", patch: { a: 1 } }, "application/strategic-merge-patch+json", '{"a":1}', "always"],
  ] as const)("patch %j", (patch, contentType, text, repeatable) => {
    const request = requests.patchRequest(configMaps, ref(configMaps, "a", "ns"), { patch })
    expect(request).toMatchObject({ method: "PATCH", contentType, body: text, repeatable })
  })

  test("bodies keep integers beyond 2^53", () => {
    for (const build of [requests.createRequest, requests.updateRequest, requests.applyRequest]) {
      expect(build(configMaps, object).body).toBe(body)
    }
  })

  test("only what does no harm twice may be repeated", () => {
    expect(requests.createRequest(configMaps, object).repeatable).toBe("unreceived")
    expect(requests.updateRequest(configMaps, object).repeatable).toBe("always")
    expect(requests.applyRequest(configMaps, object).repeatable).toBe("always")
    const of = ref(configMaps, "a", "ns")
    expect(requests.deleteRequest(configMaps, of).repeatable).toBe("unreceived")
    expect(requests.deleteRequest(configMaps, of, { preconditions: { resourceVersion: "1" } }).repeatable).toBe(
      "unreceived",
    )
    expect(requests.deleteRequest(configMaps, of, { preconditions: { uid: "u" } }).repeatable).toBe("always")
  })

  test("the options of a deletion are its body", () => {
    const options = {
      preconditions: { uid: "u" },
      propagation: "Foreground",
      gracePeriodSeconds: 0,
      dryRun: true,
    } as const
    const request = requests.deleteRequest(configMaps, ref(configMaps, "a", "ns"), options)
    expect(JSON.parse(request.body ?? "")).toEqual({
      apiVersion: "v1",
      kind: "DeleteOptions",
      propagationPolicy: "Foreground",
      preconditions: { uid: "u" },
      gracePeriodSeconds: 0,
      dryRun: ["All"],
    })
  })
})
