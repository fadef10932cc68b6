import { refOf, type KubeObject } from "@gitops-toolkit/kube"
import { safeParse } from "zod/v4/core"
import { ControllerError } from "../error.ts"
import type { Kind, Resource } from "../kind.ts"

/** No message names more faults of a spec. */
const maxIssues = 10

/** The object with its spec as the schema makes it (defaults filled in). Throws `InvalidSpec`, which names the fields. */
export function parseResource<Spec, Status>(object: KubeObject, kind: Kind<Spec, Status>): Resource<Spec, Status> {
  const parsed = safeParse(kind.spec, object.spec)
  if (parsed.success) return { ...object, spec: parsed.data } as Resource<Spec, Status>
  const issues = parsed.error.issues.slice(0, maxIssues)
  const told = issues.map(({ path, message }) => `${["spec", ...path].map(String).join(".")}: ${message}`)
  throw new ControllerError("InvalidSpec", told.join("; "), { ref: refOf(object) })
}

/** The same, but an invalid spec is left as it is: it must not keep an object from going. */
export function parseWhatFits(object: KubeObject, kind: Kind): Resource {
  const parsed = safeParse(kind.spec, object.spec)
  return (parsed.success ? { ...object, spec: parsed.data } : object) as Resource
}
