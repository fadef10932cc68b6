#!/usr/bin/env -S node --max-semi-space-size=2
// The bundle is one file, which starts several times faster than the modules it is made of; both do the same.

// A build is over before V8's usual optimizations pay: they take a third of the processor time and a tenth of the memory
// of a large one. So only what is called often is optimized, by the cheaper of the two compilers, beside the build: called
// 2,000 times costs 3 MiB and saves a sixth of the time. A watch runs for long, and versions of V8 other than the one this
// was measured with keep their defaults.
const isWatch = process.argv.some((arg) => arg === "-w" || arg === "--watch")
if (!isWatch && process.versions.v8.startsWith("13.")) {
  const { setFlagsFromString } = process.getBuiltinModule("node:v8")
  for (const flag of ["--no-opt", "--invocation-count-for-maglev=2000"]) setFlagsFromString(flag)
}
process.getBuiltinModule("node:module").enableCompileCache?.()
const { main } = await import("../dist/bundle/gitops.mjs").catch((error) => {
  if (error?.code !== "ERR_MODULE_NOT_FOUND") throw error
  return import("../dist/index.js")
})
process.exitCode = await main(process.argv.slice(2))
