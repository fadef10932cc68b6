import { labelValueFaults } from "../../write/names.ts"
import { listOf, mapsOf, type Members, textOf } from "../../validation/walk.ts"

const nodeLabels: { readonly [label: string]: string } = {
  "beta.kubernetes.io/arch": 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  "beta.kubernetes.io/os": 'deprecated since v1.14; use "kubernetes.io/os" instead',
  "failure-domain.beta.kubernetes.io/region": 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  "failure-domain.beta.kubernetes.io/zone": 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  "beta.kubernetes.io/instance-type": 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
  "app.kubernetes.io/created-by": "deprecated since v1.9",
  "scheduler.alpha.kubernetes.io/preferAvoidPods": "deprecated since v1.22; use Taints and Tolerations instead",
  "node-role.kubernetes.io/master": 'use "node-role.kubernetes.io/control-plane" instead',
}

/** What is said of a label of nodes that is out of use; undefined of others. */
export function nodeLabelWarning(key: string): string | undefined {
  return Object.hasOwn(nodeLabels, key) ? nodeLabels[key] : undefined
}

/** Labels out of use in a term that selects nodes and, with `values`, values that no label has. */
export function nodeTermWarnings(
  { matchExpressions }: Members,
  { field, values }: { readonly field: string; readonly values: boolean },
): string[] {
  return mapsOf(matchExpressions).flatMap(({ key, values: list }, index) => {
    const at = `${field}.matchExpressions[${index}]`
    const text = nodeLabelWarning(textOf(key))
    const bad = (values ? listOf(list) : []).flatMap((value, place) =>
      labelValueFaults(textOf(value)).map((fault) => `${at}.values[${place}]: ${textOf(value)} is invalid, ${fault}`),
    )
    return [...(text === undefined ? [] : [`${at}.key: ${textOf(key)} is ${text}`]), ...bad]
  })
}
