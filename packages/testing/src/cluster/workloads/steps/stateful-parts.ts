import type { KubeObject } from "@gitops-toolkit/kube"
import type { LabelSelector, PodTemplate } from "../shapes.ts"

/** The parts of a StatefulSet that its controller reads. */
export interface StatefulSetSpec {
  readonly replicas?: number
  readonly minReadySeconds?: number
  readonly ordinals?: { readonly start?: number }
  readonly persistentVolumeClaimRetentionPolicy?: { readonly whenDeleted?: string; readonly whenScaled?: string }
  readonly podManagementPolicy?: string
  readonly revisionHistoryLimit?: number
  readonly selector: LabelSelector
  readonly serviceName?: string
  readonly template: PodTemplate
  readonly updateStrategy?: { readonly type?: string; readonly rollingUpdate?: { readonly partition?: number } }
  readonly volumeClaimTemplates?: readonly KubeObject[]
}

/** The number at the end of a Pod's name. */
export const ordinalOf = (name: string): number => Number(name.slice(name.lastIndexOf("-") + 1))
