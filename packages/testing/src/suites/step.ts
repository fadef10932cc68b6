/** What a step does. */
export const verbs = [
  "apply",
  "create",
  "delete",
  "get",
  "json",
  "list",
  "patch",
  "strategic",
  "update",
  "watched",
] as const

/** One step of a rule. */
export interface Step {
  /** The line that it was read from. */
  readonly text: string
  readonly verb: (typeof verbs)[number]
  readonly subresource: string | undefined
  readonly manager: string | undefined
  readonly force: boolean
  readonly dryRun: boolean
  readonly kind: string
  /** An object's name; the label selector of a list or watch. */
  readonly name: string
  readonly body: unknown
  readonly outcomes: readonly string[]
}

const pattern =
  /^(?<verb>[a-z]+)(?: (?<subresource>status|scale))?(?: as (?<manager>[a-z]+))?(?<force> force)?(?<dry> dry)? (?<kind>[A-Z]\w*) (?<rest>.*?) +=> (?<then>.*)$/

/** The steps of a rule. Throws for a line that is none. */
export function parseSteps(text: string): Step[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map((line) => parseStep(line))
}

function parseStep(text: string): Step {
  const parts = pattern.exec(text)?.groups
  const verb = verbs.find((each) => each === parts?.["verb"])
  if (!parts || !verb) throw new SyntaxError(`no step of a rule: ${text}`)
  const rest = parts["rest"]!.trim()
  const selects = verb === "list" || verb === "watched"
  const space = selects ? -1 : rest.indexOf(" ")
  const body = space < 0 ? "" : rest.slice(space + 1).trim()
  return {
    text,
    verb,
    subresource: parts["subresource"],
    manager: parts["manager"],
    force: parts["force"] !== undefined,
    dryRun: parts["dry"] !== undefined,
    kind: parts["kind"]!,
    name: space < 0 ? rest : rest.slice(0, space),
    body: body === "" ? {} : body === "SPEC" ? { spec: deploymentSpec } : (JSON.parse(body) as unknown),
    outcomes: parts["then"]!.split(";").map((each) => each.trim()),
  }
}

const deploymentSpec = {
  selector: { matchLabels: { app: "d" } },
  template: {
    metadata: { labels: { app: "d" } },
    spec: { containers: [{ name: "main", image: "registry.example/app:1" }] },
  },
}
