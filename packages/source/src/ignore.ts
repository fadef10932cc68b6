import { compileGlob, matchGlob, type Glob } from "./ignore/wildmatch.ts"

/** One line of an ignore file. */
export interface IgnorePattern {
  /** As written. */
  readonly pattern: string
  /** The folder of the ignore file, below which alone it holds; empty for the root. */
  readonly folder: string
}

/** Decides which paths are ignored. */
export interface IgnoreMatcher {
  /**
   * True when the path is ignored by itself or because a folder above it is. The last pattern that matches decides; as
   * in git, nothing below an ignored folder can be taken back. A folder whose whole content is ignored (`x/**`) counts
   * as ignored.
   */
  ignores(path: string, isDirectory: boolean): boolean
  /** The same for a path below folders that are known not to be closed. */
  ignoresEntry(path: string, isDirectory: boolean): boolean
  /** True when nothing below this folder can be taken back, so that there is no need to look into it. */
  closes(folder: string): boolean
}

/**
 * The patterns of an ignore file: one a line; empty lines and those that begin with `#` are dropped.
 *
 * @example
 * parseIgnore("# docs\n*.md\n")   // [{ pattern: "*.md", folder: "" }]
 */
export function parseIgnore(text: string, { folder = "" }: { readonly folder?: string } = {}): IgnorePattern[] {
  return text
    .replace(/^\ufeff/, "")
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "" && !line.startsWith("#"))
    .map((pattern) => ({ pattern, folder }))
}

interface Rule {
  readonly negated: boolean
  readonly foldersOnly: boolean
  /** Compared with the name alone, else with the path below `folder`. */
  readonly nameOnly: boolean
  readonly folder: string
  readonly glob: Glob
}

function compileRule({ pattern, folder }: IgnorePattern): Rule | undefined {
  let text = pattern
  while (text.endsWith(" ") && !text.endsWith("\\ ")) text = text.slice(0, -1)
  const negated = text.startsWith("!")
  if (negated) text = text.slice(1)
  const foldersOnly = text.endsWith("/") && !text.endsWith("\\/")
  if (foldersOnly) text = text.slice(0, -1)
  const nameOnly = !text.includes("/")
  if (text.startsWith("/")) text = text.slice(1)
  const glob = text === "" ? undefined : compileGlob(text)
  return glob && { negated, foldersOnly, nameOnly, folder: folder === "" ? "" : `${folder}/`, glob }
}

interface Candidate {
  readonly path: string
  readonly isDirectory: boolean
  /** Whether `x/**` matches the folder `x` itself. */
  readonly wholeFolder: boolean
}

function matchesRule(rule: Rule, { path, isDirectory, wholeFolder }: Candidate): boolean {
  if ((rule.foldersOnly && !isDirectory) || !path.startsWith(rule.folder)) return false
  const inner = path.slice(rule.folder.length)
  if (rule.nameOnly) return matchGlob(rule.glob, inner.slice(inner.lastIndexOf("/") + 1))
  if (matchGlob(rule.glob, inner)) return true
  return wholeFolder && isDirectory && rule.glob.tokens.at(-1)?.type === "rest" && matchGlob(rule.glob, `${inner}/`)
}

/**
 * A matcher with the rules of `.gitignore` (git 2.52), whatever the file was called. Flux's own matcher differs from git
 * in some brackets, in `**` within a name and below ignored folders; git's answer is given here.
 *
 * @example
 * createIgnore(parseIgnore("/*\n!/deploy")).ignores("src/main.go", false)   // true
 */
export function createIgnore(patterns: readonly IgnorePattern[]): IgnoreMatcher {
  const rules = patterns.map(compileRule).filter((rule) => rule !== undefined)
  const decide = (candidate: Candidate): boolean => {
    for (let i = rules.length - 1; i >= 0; i--) if (matchesRule(rules[i]!, candidate)) return !rules[i]!.negated
    return false
  }
  const closes = (folder: string): boolean => {
    const names = folder.split("/")
    return names.some((_, i) => {
      const path = names.slice(0, i + 1).join("/")
      return path !== "" && decide({ path, isDirectory: true, wholeFolder: false })
    })
  }
  return {
    closes,
    ignoresEntry: (path, isDirectory) => decide({ path, isDirectory, wholeFolder: false }),
    ignores: (path, isDirectory) => {
      if (path === "") return false
      const slash = path.lastIndexOf("/")
      return (slash > 0 && closes(path.slice(0, slash))) || decide({ path, isDirectory, wholeFolder: true })
    },
  }
}

/**
 * What one pattern alone says of a path: it (or a folder above it) is matched by it, or by its negation.
 *
 * @example
 * matchPattern({ pattern: "docs/", folder: "" }, "docs/intro.md", false)   // "exclude"
 * matchPattern({ pattern: "!*.md", folder: "docs" }, "docs/intro.md", false)   // "include"
 * matchPattern({ pattern: "!*.md", folder: "docs" }, "intro.md", false)   // "none"
 */
export function matchPattern(
  pattern: IgnorePattern,
  path: string,
  isDirectory: boolean,
): "exclude" | "include" | "none" {
  const rule = compileRule(pattern)
  if (!rule) return "none"
  const names = path.split("/")
  const matched = names.some((_, i) => {
    const last = i === names.length - 1
    return matchesRule(rule, {
      path: names.slice(0, i + 1).join("/"),
      isDirectory: !last || isDirectory,
      wholeFolder: true,
    })
  })
  if (!matched) return "none"
  return rule.negated ? "include" : "exclude"
}

const folderless = (patterns: readonly string[]): IgnorePattern[] =>
  patterns.map((pattern) => ({ pattern, folder: "" }))

/** Git's own files, which are always ignored (Flux's list). */
export const vcsPatterns: readonly IgnorePattern[] = folderless([
  ".git/",
  ".gitignore",
  ".gitmodules",
  ".gitattributes",
])

/** Ignored where nobody says what to ignore: pictures, archives, and the files of CI systems (Flux's list). */
export const defaultPatterns: readonly IgnorePattern[] = folderless([
  ...["jpg", "jpeg", "gif", "png", "wmv", "flv", "tar.gz", "zip"].map((extension) => `*.${extension}`),
  ...[".github/", ".circleci/", ".travis.yml", ".gitlab-ci.yml", "appveyor.yml", ".drone.yml", "cloudbuild.yaml"],
  ...["codeship-services.yml", "codeship-steps.yml", "**/.goreleaser.yml", "**/.sops.yaml", "**/.flux.yaml"],
])
