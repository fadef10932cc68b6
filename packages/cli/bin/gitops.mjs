#!/usr/bin/env -S node --max-semi-space-size=2
// The bundle is one file, which starts several times faster than the modules it is made of; both do the same.
import module from "node:module"

module.enableCompileCache?.()
const { main } = await import("../dist/bundle/gitops.mjs").catch((error) => {
  if (error?.code !== "ERR_MODULE_NOT_FOUND") throw error
  return import("../dist/index.js")
})
process.exitCode = await main(process.argv.slice(2))
