/** The minutes that a cron expression names. */
export interface Schedule {
  readonly minutes: ReadonlySet<number>
  readonly hours: ReadonlySet<number>
  readonly days: ReadonlySet<number>
  readonly months: ReadonlySet<number>
  readonly weekdays: ReadonlySet<number>
  /** Either of days and weekdays is enough when both are restricted. */
  readonly eitherDay: boolean
}

const shortcuts: { readonly [name: string]: string } = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
}

const monthNames = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
const dayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

interface Range {
  readonly from: number
  readonly to: number
  readonly names?: readonly string[]
}

function numberOf(text: string, { from, names = [] }: Range): number {
  const named = names.indexOf(text.toLowerCase())
  return named < 0 ? Number(text) : named + from
}

function valuesOf(text: string, range: Range): ReadonlySet<number> {
  const values = new Set<number>()
  for (const part of text.split(",")) {
    const [span = "", step] = part.split("/")
    const isAll = span === "*" || span === "?"
    const [first = "", last] = span.split("-")
    const from = isAll ? range.from : numberOf(first, range)
    const end = last === undefined ? (step === undefined ? from : range.to) : numberOf(last, range)
    const to = isAll ? range.to : Math.min(end, range.to)
    const by = step === undefined ? 1 : Number(step)
    if (!(by > 0) || Number.isNaN(from + to)) continue
    for (let value = from; value <= to; value += by) values.add(value)
  }
  return values
}

/** Reads a schedule of five fields or a shortcut (`@hourly`); undefined for anything else. */
export function parseSchedule(text: string): Schedule | undefined {
  const fields = (shortcuts[text.trim()] ?? text.trim()).split(/ +/)
  const [minutes, hours, days, months, weekdays] = fields
  if (fields.length !== 5) return undefined
  const isFree = (field: string): boolean => field.startsWith("*") || field === "?"
  return {
    minutes: valuesOf(minutes!, { from: 0, to: 59 }),
    hours: valuesOf(hours!, { from: 0, to: 23 }),
    days: valuesOf(days!, { from: 1, to: 31 }),
    months: valuesOf(months!, { from: 1, to: 12, names: monthNames }),
    weekdays: valuesOf(weekdays!, { from: 0, to: 6, names: dayNames }),
    eitherDay: !isFree(days!) && !isFree(weekdays!),
  }
}

const dayMs = 86_400_000

function isDay(schedule: Schedule, date: Date): boolean {
  if (!schedule.months.has(date.getUTCMonth() + 1)) return false
  const byDay = schedule.days.has(date.getUTCDate())
  const byWeekday = schedule.weekdays.has(date.getUTCDay())
  return schedule.eitherDay ? byDay || byWeekday : byDay && byWeekday
}

/** How far the wall clocks of a time zone are ahead of UTC. */
function offsetMs(atMs: number, zone: string | undefined): number {
  if (zone === undefined || zone === "UTC" || zone === "Etc/UTC") return 0
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
  })
  const parts = Object.fromEntries(format.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]))
  const wall = Date.UTC(parts["year"]!, parts["month"]! - 1, parts["day"], parts["hour"], parts["minute"])
  return wall - Math.floor(atMs / 60_000) * 60_000
}

/**
 * The first time after `afterMs` that the schedule names, on the wall clocks of `zone` (default UTC); undefined when
 * there is none within eight years.
 */
export function nextTime(schedule: Schedule, afterMs: number, zone?: string): number | undefined {
  const wall = afterMs + offsetMs(afterMs, zone)
  const firstDay = Math.floor(wall / dayMs) * dayMs
  for (let day = firstDay; day < firstDay + 8 * 366 * dayMs; day += dayMs) {
    if (!isDay(schedule, new Date(day))) continue
    for (let hour = 0; hour < 24; hour++) {
      if (!schedule.hours.has(hour)) continue
      for (let minute = 0; minute < 60; minute++) {
        if (!schedule.minutes.has(minute)) continue
        const at = day + (hour * 60 + minute) * 60_000
        if (at <= wall) continue
        return at - offsetMs(at - offsetMs(at, zone), zone)
      }
    }
  }
  return undefined
}
