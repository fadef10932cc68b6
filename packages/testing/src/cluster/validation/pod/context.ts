import type { Members, Walk } from "../walk.ts"

/** What the parts of one Pod's spec must know of each other. */
export interface PodContext {
  /** The volumes without fault, by name. */
  readonly volumes: ReadonlyMap<unknown, Members>
  readonly claims: ReadonlySet<unknown>
  /** `terminationGracePeriodSeconds`. */
  readonly grace: number
  /** `os.name`; undefined without `os`. */
  readonly os: string | undefined
  readonly restartPolicy: unknown
  /** The Pod runs in the user namespace of its node. */
  readonly hostUsers: boolean
}

/** A rule that looks at the Pod around its value. */
export type PodRule = (value: unknown, walk: Walk, pod: PodContext) => void

/** Follows a rule of Pods at a field. */
export function within(pod: PodContext, rule: PodRule): (value: unknown, walk: Walk) => void {
  return (value, walk) => rule(value, walk, pod)
}
