// Sticky-free and anchored: each part excludes the next one's beginning, so matching is linear.
const form =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt](\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,](\d+))?(Z|[-+]\d\d:\d\d))|(?: +(\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,](\d+))?))?$/

/**
 * The text that go-yaml v3 and Go's JSON make of an unquoted timestamp: RFC 3339 with the offset kept and the fraction
 * trimmed. `undefined` when the text is not one of the four forms that go-yaml accepts, or no real date.
 *
 * @example
 * normalizeTimestamp("2001-12-14t21:59:43.10-05:00")   // "2001-12-14T21:59:43.1-05:00"
 * normalizeTimestamp("2001-02-30")   // undefined
 */
export function normalizeTimestamp(text: string): string | undefined {
  const found = form.exec(text)
  if (!found) return undefined
  const at = (index: number): string => found[index] ?? ""
  const zoned = at(8) !== ""
  const [year, month, day] = [Number(at(1)), Number(at(2)), Number(at(3))]
  const [hour, minute, second] = [4, 5, 6].map((index) => Number(at(zoned ? index : index + 5) || "0"))
  if (month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) return undefined
  if (hour! > 23 || minute! > 59 || second! > 59) return undefined
  const fraction = at(zoned ? 7 : 12)
    .slice(0, 9)
    .replace(/0+$/, "")
  const offset = zoned && !/^[-+]00:00$/.test(at(8)) ? at(8) : "Z"
  if (offset !== "Z" && (Number(offset.slice(1, 3)) > 23 || Number(offset.slice(4)) > 59)) return undefined
  const clock = [hour, minute, second].map((part) => String(part).padStart(2, "0")).join(":")
  const date = `${at(1)}-${at(2).padStart(2, "0")}-${at(3).padStart(2, "0")}`
  return `${date}T${clock}${fraction === "" ? "" : `.${fraction}`}${offset}`
}

function daysOf(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}
