/**
 * The wait that a `Retry-After` header asks for in milliseconds: seconds or an HTTP date (RFC 9110 10.2.3). Undefined
 * when absent or unreadable; never negative.
 *
 * @example
 * parseRetryAfter("2", Date.now())   // 2000
 */
export function parseRetryAfter(text: string | undefined, nowMs: number): number | undefined {
  if (text === undefined) return undefined
  const trimmed = text.trim()
  if (/^\d{1,9}$/.test(trimmed)) return Number(trimmed) * 1000
  const date = /^[A-Za-z]{3,9},? /.test(trimmed) ? Date.parse(trimmed) : Number.NaN
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs)
}
