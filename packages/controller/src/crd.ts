import { messageOf, type KubeObject } from "@gitops-toolkit/kube"
import { toJSONSchema } from "zod/v4/core"
import { structuralSchema } from "./crd/structural.ts"
import type { Column, Kind } from "./kind.ts"
import { ControllerError } from "./error.ts"

/**
 * The CustomResourceDefinition of a kind, ready to apply: a structural schema of the spec (what zod checks and
 * OpenAPI cannot express is checked when an object is reconciled), the status sub-resource, and the columns Ready,
 * Status and Age after the kind's own. The status accepts unknown fields, so that no status is refused because the CRD
 * is older than the controller. Pure: equal kinds give equal CRDs.
 *
 * Throws `ControllerError` `InvalidKind` for a schema that has no form in JSON Schema.
 *
 * @example
 * await cluster.apply(crdOf(App), { fieldManager: "install" })
 */
export function crdOf(kind: Kind): KubeObject {
  const { group, version, plural, singular, shortNames, categories, labels } = kind
  const names = {
    kind: kind.kind,
    listKind: `${kind.kind}List`,
    plural,
    singular,
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
  }
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}`, ...(Object.keys(labels).length > 0 ? { labels } : {}) },
    spec: {
      group,
      names,
      scope: kind.scope,
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: objectSchema(kind) },
          subresources: { status: {} },
          additionalPrinterColumns: [...kind.columns, ...standardColumns].map(printerColumn),
        },
      ],
    },
  }
}

const standardColumns: readonly Column[] = [
  { name: "Ready", jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
  { name: "Status", jsonPath: '.status.conditions[?(@.type=="Ready")].message' },
  { name: "Age", jsonPath: ".metadata.creationTimestamp", type: "date" },
]

function printerColumn({ name, jsonPath, type = "string", priority = 0, description }: Column): object {
  return { name, type, jsonPath, ...(priority > 0 ? { priority } : {}), ...(description ? { description } : {}) }
}

function objectSchema(kind: Kind): object {
  const spec = schemaOf(kind, kind.spec)
  return {
    type: "object",
    properties: {
      apiVersion: { type: "string" },
      kind: { type: "string" },
      metadata: { type: "object" },
      spec,
      status: statusSchema(kind),
    },
    required: ["spec"],
  }
}

function schemaOf(kind: Kind, schema: Kind["spec"]): Record<string, unknown> {
  try {
    const json = toJSONSchema(schema, {
      target: "openapi-3.0",
      io: "input",
      unrepresentable: "any",
      override: ({ zodSchema, jsonSchema }) => {
        // zod has no JSON form for bigint; Kubernetes has.
        if (zodSchema._zod.def.type === "bigint") Object.assign(jsonSchema, { type: "integer", format: "int64" })
      },
    })
    return structuralSchema(json)
  } catch (error) {
    throw new ControllerError("InvalidKind", `the schema of ${kind.kind} has no form as a CRD: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

const text = { type: "string" }

const conditionSchema = {
  type: "object",
  properties: {
    type: text,
    status: { type: "string", enum: ["True", "False", "Unknown"] },
    reason: text,
    message: text,
    lastTransitionTime: { type: "string", format: "date-time" },
    observedGeneration: { type: "integer", format: "int64" },
  },
  required: ["type", "status", "reason", "message", "lastTransitionTime"],
}

const commonStatus = {
  conditions: {
    type: "array",
    items: conditionSchema,
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["type"],
  },
  observedGeneration: { type: "integer", format: "int64" },
  revision: text,
  lastHandledReconcileAt: text,
  inventory: {
    type: "object",
    properties: {
      entries: {
        type: "array",
        items: { type: "object", properties: { id: text, v: text, n: text }, required: ["id", "v"] },
      },
    },
    required: ["entries"],
  },
}

function statusSchema(kind: Kind): object {
  const own = kind.status === undefined ? {} : schemaOf(kind, kind.status)
  const properties = typeof own["properties"] === "object" ? own["properties"] : {}
  // Nothing is required: the first status is written before the kind's own fields are known.
  return {
    type: "object",
    properties: { ...properties, ...commonStatus },
    "x-kubernetes-preserve-unknown-fields": true,
  }
}
