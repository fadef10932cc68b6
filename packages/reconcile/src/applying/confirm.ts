import { valuesDigest, type Confirmation, type KubeObject } from "@gitops-toolkit/kube"
import { fieldsWithoutIgnored } from "../diff/ignore.ts"

/**
 * The record that the server's `answer` to an apply (or its dry run) allows to keep: the fields that this apply set,
 * and the values that they have. Undefined when the answer does not tell, so that nothing is ever taken for granted.
 */
export function confirmationOf(
  answer: KubeObject,
  {
    digest,
    fieldManager,
    pointers,
  }: {
    readonly digest: string
    readonly fieldManager: string
    readonly pointers: readonly string[]
  },
): Confirmation | undefined {
  const { uid, resourceVersion, managedFields = [] } = answer.metadata
  const entry = managedFields.find(
    ({ manager, operation, subresource }) => manager === fieldManager && operation === "Apply" && !subresource,
  )
  if (uid === undefined || resourceVersion === undefined || entry?.fieldsV1 === undefined) return undefined
  const fields = fieldsWithoutIgnored(entry.fieldsV1, answer, pointers)
  return { desiredDigest: digest, uid, resourceVersion, fields, valuesDigest: valuesDigest(answer, fields) }
}
