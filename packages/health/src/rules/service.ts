import { current, inProgress } from "../health.ts"
import { textAt } from "../read.ts"
import type { Rule } from "../rule.ts"

/** A Service is ready, but one of type LoadBalancer only once it has a cluster IP (its ingress is not looked at). */
export const service: Rule = {
  group: "",
  kind: "Service",
  assess: (object) => {
    const type = textAt(object, "spec", "type")
    if (type === "LoadBalancer" && textAt(object, "spec", "clusterIP") === "") {
      return inProgress("NoIPAssigned", `ClusterIP not set. Service type: ${type}`)
    }
    return current("Service is ready")
  },
}
