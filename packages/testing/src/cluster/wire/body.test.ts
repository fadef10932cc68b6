import { readText } from "@gitops-toolkit/http"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { createCluster, type TestCluster } from "../../index.ts"

const json = "application/json"
const yaml = "application/yaml"
const apply = "application/apply-patch+yaml"
const patches = [
  "application/json-patch+json",
  "application/merge-patch+json",
  "application/strategic-merge-patch+json",
]
const one = "/api/v1/namespaces/default/configmaps/a"

interface Sent {
  readonly method: string
  readonly path: string
  readonly type: string
  readonly body: string
}

async function send(cluster: TestCluster, { method, path, type, body }: Sent): Promise<string> {
  const query = method === "PATCH" ? ([["fieldManager", "m"]] as const) : []
  const answer = await cluster.transport({ method, path, query, headers: { "content-type": type }, body })
  const text = await readText(answer.body)
  const { message = "" } = JSON.parse(text) as { readonly message?: string }
  return `${answer.status} ${message}`
}

const noKind = "couldn't get version/kind; json parse error: json: cannot unmarshal"
const must = "400 the object provided is unrecognized (must be of type ConfigMap): "

describe("bodies whose kind is no text", () => {
  // Answers of kube-apiserver 1.36.3.
  test.for<readonly [method: string, type: string, body: string, answer: string]>([
    [
      "PUT",
      json,
      '{"apiVersion":1.5}',
      `${must}${noKind} number into Go struct field .apiVersion of type string ({"apiVersion":1.5})`,
    ],
    ["PUT", json, '{"kind":{}}', `${must}${noKind} object into Go struct field .kind of type string ({"kind":{}})`],
    [
      "PUT",
      json,
      '{"kind":9007199254740993}',
      `${must}${noKind} number into Go struct field .kind of type string ({"kind":9007199254740993})`,
    ],
    ["PUT", yaml, "kind: [1]", `${must}${noKind} array into Go struct field .kind of type string (6b696e643a205b315d)`],
    ["DELETE", json, '{"kind":9007199254740993}', `400 ${noKind} number into Go struct field .kind of type string`],
    [
      "DELETE",
      json,
      '{"apiVersion":true,"kind":1}',
      `400 ${noKind} bool into Go struct field .apiVersion of type string`,
    ],
    ["PATCH", apply, '{"apiVersion":0,"kind":"ConfigMap"}', "400 invalid object type: /, Kind=ConfigMap"],
    ["PATCH", apply, '{"apiVersion":null,"kind":{}}', "400 invalid object type: /, Kind="],
    [
      "PATCH",
      apply,
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":"x"}',
      "500 failed to create typed patch object (/; /v1, Kind=ConfigMap): .metadata: expected map, got &{x}",
    ],
    [
      "PATCH",
      apply,
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","managedFields":5}}',
      "500 failed to create typed patch object (/a; /v1, Kind=ConfigMap): .metadata.managedFields: expected list, got &{5}",
    ],
  ])("%s %s %s", async ([method, type, body, answer]) => {
    await using cluster = createCluster()
    expect(await send(cluster, { method, path: one, type, body })).toBe(answer)
  })
})

const paths = [
  "/api/v1/namespaces/default/configmaps",
  "/apis/apps/v1/namespaces/default/deployments",
  "/api/v1/namespaces",
]
const word = fc.constantFrom("v1", "apps/v1", "ConfigMap", "Deployment", "Namespace", "DeleteOptions", "a", "default")
const part = fc.oneof(
  word,
  fc.json().map((text) => JSON.parse(text) as unknown),
  fc.constant("9007199254740993"),
)
const body = fc
  .record(
    { apiVersion: part, kind: part, metadata: fc.oneof(part, fc.record({ name: word })), spec: part },
    { requiredKeys: [] },
  )
  .map((value) => JSON.stringify(value).replaceAll('"9007199254740993"', "9007199254740993"))
const sent = fc.record({
  method: fc.constantFrom("POST", "PUT", "PATCH", "DELETE"),
  path: fc
    .tuple(fc.constantFrom(...paths), fc.constantFrom("", "/a", "/default", "/a/status", "/default/finalize"))
    .map((parts) => parts.join("")),
  type: fc.constantFrom(json, yaml, apply, ...patches),
  body,
})

test("no body confuses the server", async () => {
  await using cluster = createCluster({ objects: [{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } }] })
  const law = fc.asyncProperty(sent, async (each) => {
    expect(await send(cluster, each)).not.toContain("Internal error occurred")
  })
  await fc.assert(law, { numRuns: 2000 })
})
