import { goText } from "../value/go.ts"
import { compareTexts } from "../value/order.ts"

/** The order of scalars in strategic merge patches: by their printed texts. */
export function compareGoTexts(a: unknown, b: unknown): number {
  return compareTexts(goText(a), goText(b))
}
