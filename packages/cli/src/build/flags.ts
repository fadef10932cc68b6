import type { parseArgs } from "node:util"

/** What the command line of `gitops build` says. */
export interface BuildFlags {
  readonly folder: string
  readonly output: string | undefined
  readonly unrestricted: boolean
  readonly order: "legacy" | "none"
  readonly managedByLabel: boolean
  readonly origins: "objects" | "fields" | undefined
  readonly watch: boolean
  readonly help: boolean
}

/** The help of `gitops build`. */
export const buildUsage = `Print what the kustomization in DIR (default: the current folder) renders.
The same bytes as kustomize build v5.8.2.

Usage:
  gitops build [DIR] [flags]

Flags:
  -o, --output PATH            write to a file, or one file per object to a folder that exists
      --load-restrictor NAME   LoadRestrictionsRootOnly (default): files in or below their kustomization only;
                               LoadRestrictionsNone: any file
      --reorder NAME           legacy (default) or none, where the kustomization has no sortOptions
      --enable-managedby-label add app.kubernetes.io/managed-by: kustomize-v5.8.2
      --origins                print, instead of the objects, where each one comes from
      --origins=fields         print the objects with the file and line that set each field as a comment
  -w, --watch                  build again whenever a file changes
  -h, --help                   print this

Exit codes: 0 done, 1 the build failed, 2 the command line is wrong.
`

const options = {
  output: { type: "string", short: "o" },
  "load-restrictor": { type: "string" },
  reorder: { type: "string" },
  "enable-managedby-label": { type: "boolean" },
  origins: { type: "string" },
  watch: { type: "boolean", short: "w" },
  help: { type: "boolean", short: "h" },
} as const

/** Reads the command line; a text tells what is wrong with it. */
export function parseFlags(args: readonly string[]): BuildFlags | string {
  const parsed = read(args)
  if (typeof parsed === "string") return parsed
  const { values, positionals } = parsed
  if (positionals.length > 1) return `specify one folder, not ${positionals.length}`
  const restrictor = values["load-restrictor"] ?? "LoadRestrictionsRootOnly"
  if (restrictor !== "LoadRestrictionsRootOnly" && restrictor !== "LoadRestrictionsNone") {
    return `illegal flag value --load-restrictor ${restrictor}; legal values: LoadRestrictionsRootOnly, LoadRestrictionsNone`
  }
  const order = values.reorder ?? "legacy"
  if (order !== "legacy" && order !== "none") return `illegal flag value --reorder ${order}; legal values: legacy, none`
  const { origins } = values
  if (origins !== undefined && origins !== "objects" && origins !== "fields")
    return `illegal flag value --origins ${origins}; legal values: objects, fields`
  return {
    folder: positionals[0] ?? ".",
    output: values.output,
    unrestricted: restrictor === "LoadRestrictionsNone",
    order,
    managedByLabel: values["enable-managedby-label"] === true,
    origins,
    watch: values.watch === true,
    help: values.help === true,
  }
}

type Parsed = ReturnType<typeof parseArgs<{ options: typeof options; allowPositionals: true }>>

function read(args: readonly string[]): Parsed | string {
  // Loaded for flags only: most builds have none.
  if (!args.some((arg) => arg.startsWith("-"))) return { values: {}, positionals: [...args] } as Parsed
  const { parseArgs: parse } = process.getBuiltinModule("node:util")
  try {
    // The one flag that may stand alone or have a value.
    const spelled = args.map((arg) => (arg === "--origins" ? "--origins=objects" : arg))
    return parse({ args: spelled, options, allowPositionals: true })
  } catch (error) {
    if (error instanceof TypeError && "code" in error) return error.message
    throw error
  }
}
