// Sets the workspace up where needed, then runs the named package script on Node 24 (the dev dependency alias node24).
// Plain JavaScript for any Node from 18 on, and no dependency: it is what installs them.
import { spawnSync } from "node:child_process"
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const quiet = process.argv[2] === "--quiet"
const [script, ...args] = process.argv.slice(quiet ? 3 : 2)
const stamp = join(root, "node_modules", ".setup-done")
const pnpm = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).packageManager

const current = () => {
  if (!existsSync(stamp) || !existsSync(join(root, "node_modules", ".bin", "node"))) return false
  return statSync(stamp).mtimeMs >= statSync(join(root, "pnpm-lock.yaml")).mtimeMs
}

const run = (command, parameters, options = {}) => {
  const { status, error } = spawnSync(command, parameters, { cwd: root, stdio: "inherit", ...options })
  if (error) console.error(`setup: cannot start ${command}: ${error.message}`)
  return status ?? 1
}

if (!current()) {
  if (!quiet) console.error(`setup: installing dependencies with ${pnpm} …`)
  const install = ["--yes", pnpm, "install", "--frozen-lockfile", "--loglevel=error"]
  const status = run("npx", install, { stdio: quiet ? ["ignore", "ignore", "inherit"] : "inherit" })
  if (status !== 0) {
    console.error("setup: installing the dependencies failed; what is above says why")
    process.exit(status)
  }
  writeFileSync(stamp, `${new Date().toISOString()}\n`)
}
process.exit(run("npm", ["run", "--silent", script, "--", ...args], { shell: process.platform === "win32" }))
