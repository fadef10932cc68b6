// Packs every package, installs the tarballs into an empty project and imports each entry point on the oldest Node that the
// packages declare and on the newest one here.
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const folder = mkdtempSync(join(tmpdir(), "gitops-toolkit-pack-"))
const json = (path) => JSON.parse(readFileSync(path, "utf8"))
const pnpm = json(join(root, "package.json")).packageManager

function run(command, args, cwd) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: "utf8" })
  if (status === 0) return stdout
  console.error(`${command} ${args.join(" ")} failed:\n${error?.message ?? ""}${stdout}${stderr}`)
  process.exit(1)
}

try {
  const packages = readdirSync(join(root, "packages")).map((name) => join(root, "packages", name))
  // tsc leaves the output of sources that are gone, and it would be packed.
  for (const path of packages) rmSync(join(path, "dist"), { recursive: true, force: true })
  run(join(root, "node_modules/.bin/tsc"), ["-b", "--force"], root)
  const tarballs = join(folder, "tarballs")
  mkdirSync(tarballs)
  for (const path of packages) run("npx", ["--yes", pnpm, "pack", "--pack-destination", tarballs], path)
  const project = join(folder, "project")
  mkdirSync(project)
  const dependencies = Object.fromEntries(
    packages.map((path) => {
      const { name, version } = json(join(path, "package.json"))
      return [name, `file:../tarballs/${name.replace("@", "").replace("/", "-")}-${version}.tgz`]
    }),
  )
  const overrides = dependencies
  writeFileSync(
    join(project, "package.json"),
    JSON.stringify({
      name: "consumer",
      private: true,
      type: "module",
      dependencies: { ...dependencies, zod: "^4" },
      overrides,
    }),
  )
  run("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts"], project)
  const entries = packages.flatMap((path) => {
    const { name, exports = {} } = json(join(path, "package.json"))
    return Object.keys(exports)
      .filter((key) => key !== "./package.json")
      .map((key) => name + key.slice(1))
  })
  const check = [
    ...entries.map((entry) => `await import(${JSON.stringify(entry)})`),
    // The schemas are a file beside the code.
    `const cluster = (await import("@gitops-toolkit/testing")).createCluster()`,
    `const { url, close } = await cluster.listen()`,
    `const { components } = await (await fetch(url + "/openapi/v3/apis/apps/v1")).json()`,
    `if (!components.schemas["io.k8s.api.apps.v1.Deployment"].description) throw new Error("no description")`,
    `await close()`,
    `await cluster[Symbol.asyncDispose]()`,
  ].join("\n")
  writeFileSync(
    join(project, "check.mjs"),
    `${check}\nconsole.log(process.version, ${entries.length}, "entry points import")\n`,
  )
  process.stdout.write(run("npx", ["--yes", "--package=node@22.19", "--", "node", "check.mjs"], project))
  process.stdout.write(run(join(root, "node_modules/.bin/node"), ["check.mjs"], project))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
