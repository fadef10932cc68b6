export { build, createBuilder } from "./build.ts"
export type { Build, BuildOptions, Builder, BuilderOptions } from "./build.ts"
export type { FieldOrigin, FieldOrigins, Origin } from "./origin.ts"
export { printBuild } from "./print.ts"
export { parseKustomization } from "./kustomization.ts"
export type * from "./kustomization.ts"
export { KustomizeError } from "./error.ts"
export type { KustomizeErrorCode } from "./error.ts"
export type { FileEntry, Files } from "./files.ts"
export type { Limits } from "./limits.ts"
export type { FunctionGenerator, FunctionTransformer, ResolveBase, ResolvedBase } from "./accumulate/context.ts"
export { collectVariables, substitute, substituteText } from "./substitute.ts"
export type { SubstituteOptions, VariableSource, Variables } from "./substitute.ts"
export { listResources } from "./accumulate/plain-folder.ts"
export type { Overlay, OverlayPatch } from "./accumulate/overlay.ts"
export { followOrigins } from "./follow-origins.ts"
export { diffBuilds } from "./diff.ts"
export type { FieldDifference, ObjectDifference } from "./diff.ts"
export {
  addAnnotations,
  addLabels,
  applyPatch,
  applyReplacements,
  renameObjects,
  setImages,
  setNamespace,
  setReplicas,
} from "./transform.ts"
export type { LabelOptions } from "./transform.ts"
export type { ImageChange } from "./transformers/images.ts"
export type { FieldSpec } from "./config/field-spec.ts"
export { decryptFiles, decryptObject, isEncrypted } from "./decrypt.ts"
export type { DecryptLimits, DecryptObjectOptions, DecryptOptions } from "./decrypt.ts"
