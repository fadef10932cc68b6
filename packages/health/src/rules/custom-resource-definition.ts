import { current, failed, inProgress } from "../health.ts"
import { conditionsIn } from "../read.ts"
import type { Rule } from "../rule.ts"

/** A CustomResourceDefinition that the API server serves. */
export const customResourceDefinition: Rule = {
  group: "apiextensions.k8s.io",
  kind: "CustomResourceDefinition",
  assess: (object) => {
    for (const { type, status, reason, message } of conditionsIn(object)) {
      if (type === "NamesAccepted" && status === "False") return failed(reason, message)
      if (type !== "Established") continue
      if (status === "False" && reason !== "Installing") return failed(reason, message)
      if (status === "True") return current("CRD is established")
    }
    return inProgress("Installing", "Install in progress")
  },
}
