import { ClusterError, type KubeObject } from "@gitops-toolkit/kube"
import { describe, expect, test } from "vitest"
import { createCluster } from "../../../index.ts"

const v1 = { name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } }
const version = (rest: object): object => ({ versions: [{ ...v1, ...rest }] })
const field = (a: object): object => version({ schema: { openAPIV3Schema: { type: "object", properties: { a } } } })

function definition(spec: object): KubeObject {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "ws.x.io" },
    spec: { group: "x.io", scope: "Namespaced", names: { plural: "ws", kind: "W" }, versions: [v1], ...spec },
  }
}

async function faultsOf(object: KubeObject): Promise<string[]> {
  await using cluster = createCluster()
  const error = await cluster.create(object).catch((error: unknown) => error as ClusterError)
  if (!(error instanceof ClusterError)) return []
  return error.causes.map(({ field: path = "", message = "" }) => `${path}: ${message}`)
}

// What kube-apiserver 1.36.3 answers.
describe("a definition is refused for", () => {
  test.for<readonly [what: string, spec: object, faults: readonly string[]]>([
    [
      "a group without a dot",
      { group: "x" },
      [
        'metadata.name: Invalid value: "ws.x.io": must be spec.names.plural+"."+spec.group',
        'spec.group: Invalid value: "x": should be a domain with at least one dot',
      ],
    ],
    ["no scope", { scope: "" }, ["spec.scope: Required value"]],
    ["no schema", version({ schema: undefined }), ["spec.versions[0].schema.openAPIV3Schema: Required value"]],
    [
      "a root of another type",
      version({ schema: { openAPIV3Schema: { type: "string" } } }),
      ['spec.validation.openAPIV3Schema.type: Invalid value: "string": must be object at the root'],
    ],
    [
      "a field without a type",
      field({ description: "x" }),
      [
        "spec.validation.openAPIV3Schema.properties[a].type: Required value: must not be empty for specified object fields",
      ],
    ],
    [
      "a type inside anyOf",
      field({ type: "string", anyOf: [{ type: "string" }] }),
      ["spec.validation.openAPIV3Schema.properties[a].anyOf[0].type: Forbidden: must be empty to be structural"],
    ],
    [
      "uniqueItems",
      field({ type: "array", uniqueItems: true, items: { type: "string" } }),
      [
        "spec.validation.openAPIV3Schema.properties[a].uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic",
      ],
    ],
    [
      "an array without items",
      field({ type: "array" }),
      ["spec.validation.openAPIV3Schema.properties[a].items: Required value: must be specified"],
    ],
    [
      "a map list without keys",
      field({ type: "array", "x-kubernetes-list-type": "map", items: { type: "object" } }),
      [
        "spec.validation.openAPIV3Schema.properties[a].x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map",
      ],
    ],
    [
      "a key that is not required",
      field({
        type: "array",
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["k"],
        items: { type: "object", properties: { k: { type: "string" } } },
      }),
      [
        "spec.validation.openAPIV3Schema.properties[a].items.properties[k].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property",
      ],
    ],
    [
      "a default of another type",
      field({ type: "string", default: 1 }),
      [
        'spec.validation.openAPIV3Schema.properties[a].default: Invalid value: "integer":  in body must be of type string: "integer"',
      ],
    ],
    [
      "a default that is no member of the enum",
      field({ type: "string", enum: ["a"], default: "b" }),
      ['spec.validation.openAPIV3Schema.properties[a].default: Unsupported value: "b": supported values: "a"'],
    ],
    [
      "a pattern that is none",
      field({ type: "string", pattern: "(" }),
      [
        'spec.validation.openAPIV3Schema.properties[a].pattern: Invalid value: "(": must be a valid regular expression, but isn\'t: error parsing regexp: missing closing ): `(`',
      ],
    ],
    [
      "a scale without paths",
      version({ subresources: { scale: {} } }),
      [
        "spec.subresources.scale.specReplicasPath: Required value",
        "spec.subresources.scale.statusReplicasPath: Required value",
      ],
    ],
    [
      "a column without a type",
      version({ additionalPrinterColumns: [{ name: "A", jsonPath: ".spec.a" }] }),
      ["spec.additionalPrinterColumns[0].type: Required value: must be one of boolean,date,integer,number,string"],
    ],
    [
      "a webhook without its config",
      { conversion: { strategy: "Webhook" } },
      [
        "spec.conversion.webhookClientConfig: Required value: required when strategy is set to Webhook",
        "spec.conversion.conversionReviewVersions: Required value",
      ],
    ],
    [
      "selectable fields that are not there",
      version({ selectableFields: [{ jsonPath: ".spec.a" }] }),
      [
        'spec.selectableFields[0].jsonPath: Invalid value: ".spec.a": is an invalid path: does not refer to a valid field',
      ],
    ],
  ])("%s", async ([, spec, faults]) => {
    expect(await faultsOf(definition(spec))).toEqual(faults)
  })
})
