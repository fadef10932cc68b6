import type { Call, Target } from "../../wire/request.ts"

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
    name: target.name,
    path: "",
  }
}
