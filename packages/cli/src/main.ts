import { runBuild } from "./build/command.ts"
import { processTerminal } from "./terminal.ts"
import type { Terminal } from "./terminal.ts"

const usage = `gitops: GitOps at the command line

Usage:
  gitops build [DIR]    print what a kustomization renders

Run 'gitops build --help' for its flags.
`

/**
 * Runs the command line `args` and returns the exit code: 0 done, 1 the build failed, 2 the command line is wrong.
 *
 * @example
 * process.exitCode = await main(process.argv.slice(2))
 */
export async function main(args: readonly string[], terminal: Terminal = processTerminal()): Promise<number> {
  const [command, ...rest] = args
  if (command === "build") {
    return runBuild(rest, terminal)
  }
  if (command === "--version" || command === "version") {
    terminal.out("gitops 0.1.0 (builds as kustomize v5.8.2)\n")
    return 0
  }
  const asked = command === undefined || command === "--help" || command === "-h" || command === "help"
  if (asked) terminal.out(usage)
  else terminal.err(`gitops: unknown command '${command}'\n\n${usage}`)
  return asked ? 0 : 2
}
