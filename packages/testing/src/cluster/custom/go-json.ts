/** JSON as Go prints it: without what means something in HTML. */
export function goJson(value: unknown): string {
  if (typeof value === "bigint") return String(value)
  const text = JSON.stringify(value ?? null, (_, each: unknown) => (typeof each === "bigint" ? Number(each) : each))
  return text.replaceAll(/[<>&\u2028\u2029]/g, (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, "0")}`)
}
