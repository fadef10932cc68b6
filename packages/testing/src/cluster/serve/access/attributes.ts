import { type Call, parameter, type Target } from "../../wire/request.ts"
import { nameRules } from "../../write/names.ts"

/** What a request wants to do, as rights are told. */
export interface Attributes {
  readonly verb: string
  readonly group: string
  /** With its sub-resource: `pods/log`; empty for other paths. */
  readonly resource: string
  readonly namespace: string
  readonly name: string
  /** Of paths outside of resources. */
  readonly path: string
}

/** What a request about a resource, or about another path, wants to do. */
export function attributesOf(
  call: Call,
  { target, verb }: { readonly target?: Target | undefined; readonly verb: string },
): Attributes {
  if (!target)
    return {
      verb: call.method === "HEAD" ? "head" : verb,
      group: "",
      resource: "",
      namespace: "",
      name: "",
      path: call.path,
    }
  const [sub] = target.subresource.split("/")
  return {
    verb: verb === "" ? call.method.toLowerCase() : verb,
    group: target.group,
    resource: sub ? `${target.plural}/${sub}` : target.plural,
    namespace: target.plural === "namespaces" ? target.name : target.namespace,
    name: target.name || selectedName(call, verb),
    path: "",
  }
}

const collective: ReadonlySet<string> = new Set(["list", "watch", "deletecollection"])
const exactName = /(?:^|,)metadata\.name==?([^,=\\]+)(?:,|$)/

/** The name that a field selector asks for: who may see one object may list it alone. */
function selectedName(call: Call, verb: string): string {
  if (!collective.has(verb)) return ""
  const name = exactName.exec((parameter(call, "fieldSelector") ?? "").slice(0, 4096))?.[1] ?? ""
  return nameRules.path(name, false).length > 0 ? "" : name
}
