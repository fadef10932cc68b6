const kubeVersion = /^v(\d{1,9})(?:(alpha|beta)(\d{1,9}))?$/

/** Orders API versions as discovery does: GA before beta before alpha, newer before older, others last by name. */
export function compareVersions(a: string, b: string): number {
  const x = kubeVersion.exec(a)
  const y = kubeVersion.exec(b)
  if (!x || !y) return x ? -1 : y ? 1 : a < b ? -1 : 1
  const stage = (match: RegExpExecArray): number => (match[2] === undefined ? 2 : match[2] === "beta" ? 1 : 0)
  return stage(y) - stage(x) || Number(y[1]) - Number(x[1]) || Number(y[3] ?? 0) - Number(x[3] ?? 0)
}
