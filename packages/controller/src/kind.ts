import type { Condition, KindRef, KubeObject, InventoryEntry, StringMap } from "@gitops-toolkit/kube"
import type { $ZodType, output } from "zod/v4/core"
import { ControllerError } from "./error.ts"

/** One more column of `kubectl get`. */
export interface Column {
  readonly name: string
  /** A simple path: `.spec.repo`. */
  readonly jsonPath: string
  /** Default `string`. */
  readonly type?: "string" | "integer" | "number" | "boolean" | "date"
  /** Shown with `-o wide` only when above 0; default 0. */
  readonly priority?: number
  readonly description?: string
}

/** What every status has, beside what its kind defines. */
export interface ResourceStatus {
  readonly conditions?: readonly Condition[]
  /** The generation that was last brought to an end (ready or stalled); −1 before the first. */
  readonly observedGeneration?: number
  /** What is in force: the last revision that was reconciled with success. */
  readonly revision?: string
  /** The value of the `requestedAt` annotation that was last acted on. */
  readonly lastHandledReconcileAt?: string
  /** The objects that this one owns, in Flux's format. */
  readonly inventory?: { readonly entries: readonly InventoryEntry[] }
}

/** An object of a defined kind: its spec has passed the schema (defaults filled in). */
export interface Resource<Spec = unknown, Status = unknown> extends KubeObject<Spec, ResourceStatus & Partial<Status>> {
  readonly spec: Spec
}

/** A kind of custom resource: what `defineKind` returns. Plain data, also a `KindRef`. */
export interface Kind<Spec = unknown, Status = unknown> extends KindRef {
  readonly group: string
  readonly version: string
  readonly plural: string
  readonly singular: string
  readonly scope: "Namespaced" | "Cluster"
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
  readonly columns: readonly Column[]
  readonly labels: StringMap
  readonly spec: $ZodType<Spec>
  readonly status: $ZodType<Status> | undefined
}

/** Options of `defineKind`. */
export interface KindOptions<SpecSchema extends $ZodType, StatusSchema extends $ZodType | undefined> {
  /** The API group: `apps.example.com`. */
  readonly group: string
  /** `v1`, `v1beta1`, … */
  readonly version: string
  /** PascalCase: `App`. */
  readonly kind: string
  /** Default: English rules on the lower-case kind (`app` → `apps`, `policy` → `policies`, `class` → `classes`). */
  readonly plural?: string
  /** Default `Namespaced`. */
  readonly scope?: "Namespaced" | "Cluster"
  /** The schema of `spec`. */
  readonly spec: SpecSchema
  /** The schema of what this controller adds to the status; the fields of `ResourceStatus` are always there. */
  readonly status?: StatusSchema
  /** Columns of `kubectl get` before Ready, Status and Age. */
  readonly columns?: readonly Column[]
  readonly shortNames?: readonly string[]
  /** Default none; `all` makes it appear in `kubectl get all`. */
  readonly categories?: readonly string[]
  /** Labels of the CRD. */
  readonly labels?: StringMap
}

type StatusOf<Schema> = Schema extends $ZodType ? output<Schema> : Record<never, never>

const dnsName = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)+$/
const dnsLabel = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/
const versionForm = /^v[1-9][0-9]{0,3}((alpha|beta)[1-9][0-9]{0,3})?$/
const kindForm = /^[A-Z][A-Za-z0-9]{0,62}$/

/**
 * Defines a kind of custom resource by the schema of its spec. Returns plain data for `defineController`, `run` and
 * `crdOf`; nothing is sent anywhere. Throws `ControllerError` `InvalidKind` for names that Kubernetes would refuse.
 *
 * @example
 * const App = defineKind({ group: "apps.example.com", version: "v1", kind: "App", spec: z.object({ repo: z.url() }) })
 */
export function defineKind<SpecSchema extends $ZodType, StatusSchema extends $ZodType | undefined = undefined>(
  options: KindOptions<SpecSchema, StatusSchema>,
): Kind<output<SpecSchema>, StatusOf<StatusSchema>> {
  const { group, version, kind } = options
  const singular = kind.toLowerCase()
  const plural = options.plural ?? pluralOf(singular)
  refuseUnless(dnsName.test(group) && group.length <= 253, `the group ${JSON.stringify(group)} is no domain name`)
  refuseUnless(versionForm.test(version), `the version ${JSON.stringify(version)} is not like v1 or v1beta1`)
  refuseUnless(kindForm.test(kind), `the kind ${JSON.stringify(kind)} is not in PascalCase`)
  refuseUnless(dnsLabel.test(plural), `the plural ${JSON.stringify(plural)} is no lower-case name`)
  return {
    apiVersion: `${group}/${version}`,
    group,
    version,
    kind,
    plural,
    singular,
    scope: options.scope ?? "Namespaced",
    shortNames: options.shortNames ?? [],
    categories: options.categories ?? [],
    columns: options.columns ?? [],
    labels: options.labels ?? {},
    spec: options.spec as unknown as $ZodType<output<SpecSchema>>,
    status: options.status as unknown as $ZodType<StatusOf<StatusSchema>> | undefined,
  }
}

function refuseUnless(condition: boolean, message: string): void {
  if (!condition) throw new ControllerError("InvalidKind", message)
}

function pluralOf(singular: string): string {
  if (/(s|x|z|ch|sh)$/.test(singular)) return `${singular}es`
  return /[^aeiou]y$/.test(singular) ? `${singular.slice(0, -1)}ies` : `${singular}s`
}
