export { decodeInventory, encodeInventory, type InventoryEntry } from "@gitops-toolkit/kube"
export { apply, type Applied, type ApplyEvent, type ApplyPlanOptions, type ApplyReport } from "./apply.ts"
export { detectDrift, driftOf, type DetectDriftOptions, type Drift, type DriftOptions } from "./drift.ts"
export type { FieldChange } from "./diff/compare.ts"
export { diff } from "./diff/diff.ts"
export type { IgnoreRule } from "./diff/ignore.ts"
export { normalize } from "./diff/normalize.ts"
export type { Pointer } from "./diff/pointer.ts"
export { setCommonMetadata, type CommonMetadata } from "./marking.ts"
export { compileLabelSelector, compileSelector, type ObjectSelector } from "./diff/selector.ts"
export { ReconcileError, type ObjectFailure, type ReconcileErrorCode, type ReconcileErrorOptions } from "./error.ts"
export { isImmutableError } from "./applying/failure.ts"
export { lastGood, recordRun, type HistoryEntry, type HistoryOptions, type HistoryRun } from "./history.ts"
export { configMapInventory } from "./inventory/config-map.ts"
export { memoryInventory } from "./inventory/memory.ts"
export {
  defaultPrefix,
  isOurs,
  markOf,
  ownerLabels,
  ownershipOf,
  type Owner,
  type OwnerMark,
  type Ownership,
} from "./ownership.ts"
export type { Plan, PlanAction, PlanEntry, SkipReason } from "./entry.ts"
export { plan, digestOfPlan, type PlanOptions } from "./plan.ts"
export { formatPlan, printPlan, readPlan } from "./print-plan.ts"
export { prune, remove, type PruneEvent, type PruneOptions, type PruneReport, type RemoveOptions } from "./prune.ts"
export { parseGroupKinds, sortForApply, stages, type GroupKind, type StagesOptions } from "./stages.ts"
export { checkAllowed, type Allow } from "./tenancy.ts"
