/**
 * Keeps V8 from its usual optimizations for what is left of the process. A build of a second is over before they pay: they
 * take about a third of its processor time and a tenth of its memory. Code that runs for long is still optimized, by the cheaper of the
 * two compilers. Versions of V8 other than the one this was measured with keep their defaults.
 */
export function optimizeLate(): void {
  if (!process.versions.v8.startsWith("13.")) return
  const { setFlagsFromString } = process.getBuiltinModule("node:v8")
  for (const flag of ["--no-opt", "--invocation-count-for-maglev=40000", "--invocation-count-for-maglev-osr=10000"])
    setFlagsFromString(flag)
}
