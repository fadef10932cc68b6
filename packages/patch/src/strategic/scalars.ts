import { compareBytes } from "@gitops-toolkit/kube"
import { goText } from "../value/go.ts"

/** The order of scalars in strategic merge patches: by their printed texts. */
export function compareGoTexts(a: unknown, b: unknown): number {
  return compareBytes(goText(a), goText(b))
}
