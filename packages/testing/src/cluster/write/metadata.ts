import type { KubeObject, ObjectMeta, OwnerReference } from "@gitops-toolkit/kube"
import { equalJson, groupOf } from "@gitops-toolkit/kube"
import type { Cause } from "../answer.ts"
import { labelValueFaults, type NameRule, nameRules, qualifiedNameFaults } from "./names.ts"

const wrong = (field: string, value: unknown, why: string): Cause => ({
  reason: "FieldValueInvalid",
  message: `Invalid value: ${JSON.stringify(value)}: ${why}`,
  field,
})

/** What is wrong with an object's metadata. */
export function metadataCauses({ metadata }: KubeObject, rule: NameRule): Cause[] {
  const causes: Cause[] = []
  if (metadata.generateName) {
    for (const fault of rule(metadata.generateName, true))
      causes.push(wrong("metadata.generateName", metadata.generateName, fault))
  }
  if (!metadata.name) {
    causes.push({
      reason: "FieldValueRequired",
      message: "Required value: name or generateName is required",
      field: "metadata.name",
    })
  } else for (const fault of rule(metadata.name, false)) causes.push(wrong("metadata.name", metadata.name, fault))
  if (metadata.labels) causes.push(...labelCauses(metadata.labels, "metadata.labels"))
  if (metadata.annotations) causes.push(...annotationCauses(metadata.annotations, "metadata.annotations"))
  if (metadata.ownerReferences) causes.push(...ownerCauses(metadata.ownerReferences))
  if (metadata.finalizers) causes.push(...finalizerCauses(metadata.finalizers))
  return causes
}

/** What is wrong with a map of labels. */
export function labelCauses(labels: ObjectMeta["labels"], field: string): Cause[] {
  const causes: Cause[] = []
  for (const [key, value] of Object.entries(labels ?? {})) {
    for (const fault of qualifiedNameFaults(key)) causes.push(wrong(field, key, fault))
    for (const fault of labelValueFaults(value)) causes.push(wrong(field, value, fault))
  }
  return causes
}

const annotationLimit = 256 * 1024

/** What is wrong with a map of annotations. */
export function annotationCauses(annotations: ObjectMeta["annotations"], field: string): Cause[] {
  const causes: Cause[] = []
  let size = 0
  for (const [key, value] of Object.entries(annotations ?? {})) {
    size += Buffer.byteLength(key) + Buffer.byteLength(value)
    for (const fault of qualifiedNameFaults(key.toLowerCase())) causes.push(wrong(field, key, fault))
  }
  if (size > annotationLimit) {
    causes.push({
      reason: "FieldValueTooLong",
      message: `Too long: may not be more than ${annotationLimit} bytes`,
      field,
    })
  }
  return causes
}

function ownerCauses(owners: readonly OwnerReference[]): Cause[] {
  const causes: Cause[] = []
  const field = "metadata.ownerReferences"
  const controllers = owners.filter((owner) => owner.controller === true)
  for (const owner of owners) {
    const missing = (name: keyof OwnerReference): void =>
      void causes.push(wrong(`${field}.${name}`, owner[name] ?? "", "must not be empty"))
    if (!owner.apiVersion) causes.push(wrong(`${field}.apiVersion`, "", "version must not be empty"))
    if (!owner.kind) missing("kind")
    if (!owner.name) missing("name")
    if (!owner.uid) missing("uid")
    if (owner.kind === "Event" && ["", "events.k8s.io"].includes(groupOf(owner.apiVersion ?? ""))) {
      causes.push(wrong(field, owner, `${owner.apiVersion}, Kind=Event is disallowed from being an owner`))
    }
  }
  if (controllers.length > 1) {
    const [first, second] = controllers.map(({ kind, name }) => `${kind}/${name}`)
    causes.push(
      wrong(
        field,
        owners,
        `Only one reference can have Controller set to true. Found "true" in references for ${first} and ${second}`,
      ),
    )
  }
  return causes
}

const standardFinalizers: ReadonlySet<string> = new Set(["kubernetes", "orphan", "foregroundDeletion"])

function finalizerCauses(finalizers: readonly string[]): Cause[] {
  const causes: Cause[] = []
  const field = "metadata.finalizers"
  for (const [index, name] of finalizers.entries()) {
    const faults = qualifiedNameFaults(name)
    for (const fault of faults) causes.push(wrong(field, name, fault))
    if (!name.includes("/") && !standardFinalizers.has(name)) {
      causes.push(
        wrong(`${field}[${index}]`, name, "name is neither a standard finalizer name nor is it fully qualified"),
      )
    }
  }
  if (finalizers.includes("orphan") && finalizers.includes("foregroundDeletion")) {
    causes.push(wrong(field, finalizers, "finalizer orphan and foregroundDeletion cannot be both set"))
  }
  return causes
}

/** What an update may not change in metadata. */
export function metadataUpdateCauses(next: KubeObject, previous: KubeObject): Cause[] {
  const causes: Cause[] = []
  const immutable = (name: keyof ObjectMeta): void => {
    const value = next.metadata[name]
    if (equalJson(value ?? null, previous.metadata[name] ?? null)) return
    causes.push(wrong(`metadata.${name}`, value ?? null, "field is immutable"))
  }
  immutable("name")
  immutable("namespace")
  immutable("uid")
  immutable("creationTimestamp")
  immutable("deletionTimestamp")
  immutable("deletionGracePeriodSeconds")
  if (previous.metadata.deletionTimestamp === undefined) return causes
  const before = previous.metadata.finalizers ?? []
  const added = (next.metadata.finalizers ?? []).filter((name) => !before.includes(name))
  if (added.length > 0) {
    const list = added.map((name) => JSON.stringify(name)).join(", ")
    causes.push({
      reason: "FieldValueForbidden",
      message: `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`,
      field: "metadata.finalizers",
    })
  }
  return causes
}

/** The name rules by what a behaviour calls them. */
export function nameRuleOf(name: keyof typeof nameRules): NameRule {
  return nameRules[name]
}
