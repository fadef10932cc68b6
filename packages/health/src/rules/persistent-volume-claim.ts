import { current, inProgress } from "../health.ts"
import { textAt } from "../read.ts"
import type { Rule } from "../rule.ts"

/** A PersistentVolumeClaim is ready when it is bound. */
export const persistentVolumeClaim: Rule = {
  group: "",
  kind: "PersistentVolumeClaim",
  assess: (object) => {
    const phase = textAt(object, "status", "phase") || "unknown"
    return phase === "Bound" ? current("PVC is Bound") : inProgress("NotBound", `PVC is not Bound. phase: ${phase}`)
  },
}
