export {
  compareVersions,
  incrementVersion,
  isVersion,
  parseVersion,
  printVersion,
  withMetadata,
  withPrerelease,
  type Version,
  type VersionForm,
} from "./semver/version.ts"
export {
  explainMismatch,
  isRange,
  parseRange,
  printRange,
  satisfies,
  type SatisfyOptions,
  type VersionComparator,
  type VersionRange,
} from "./semver/range.ts"
export { selectVersions, type SelectVersionsOptions } from "./semver/select.ts"
