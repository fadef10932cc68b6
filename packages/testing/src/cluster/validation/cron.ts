// Schedules as robfig/cron reads them.
const names = {
  month: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
  day: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
}

interface Bounds {
  readonly low: number
  readonly high: number
  readonly names?: readonly string[]
}

const bounds: readonly Bounds[] = [
  { low: 0, high: 59 },
  { low: 0, high: 23 },
  { low: 1, high: 31 },
  { low: 1, high: 12, names: names.month },
  { low: 0, high: 6, names: names.day },
]

const descriptors = /^@(?:yearly|annually|monthly|weekly|daily|midnight|hourly)$/
const duration = /^[-+]?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$|^[-+]?0$/

/** Why a text is no schedule, in robfig's words; undefined when it is one. */
export function scheduleFault(text: string): string | undefined {
  const zone = /^(?:CRON_)?TZ=(\S*)\s*(.*)$/.exec(text)
  const schedule = zone ? zone[2]! : text
  if (schedule.startsWith("@")) return descriptorFault(schedule)
  const fields = schedule.split(/\s+/).filter(Boolean)
  if (fields.length !== 5) return `expected exactly 5 fields, found ${fields.length}: [${fields.join(" ")}]`
  for (const [index, field] of fields.entries()) {
    for (const part of field.split(",").filter(Boolean)) {
      const fault = rangeFault(part, bounds[index]!)
      if (fault !== undefined) return fault
    }
  }
  return undefined
}

function descriptorFault(text: string): string | undefined {
  if (descriptors.test(text)) return undefined
  if (!text.startsWith("@every ")) return `unrecognized descriptor: ${text}`
  const length = text.slice("@every ".length)
  return duration.test(length)
    ? undefined
    : `failed to parse duration ${text}: time: invalid duration ${JSON.stringify(length)}`
}

function rangeFault(text: string, { low, high, names: words }: Bounds): string | undefined {
  const [range = "", step, ...more] = text.split("/")
  const [first = "", last, ...others] = range.split("-")
  const isAll = first === "*" || first === "?"
  const start = isAll ? low : numberOf(first, words)
  if (typeof start === "string") return start
  if (!isAll && others.length > 0) return `too many hyphens: ${text}`
  let end = isAll ? high : last === undefined ? start : numberOf(last, words)
  if (typeof end === "string") return end
  if (more.length > 0) return `too many slashes: ${text}`
  const width = step === undefined ? 1 : numberOf(step, undefined)
  if (typeof width === "string") return width
  if (step !== undefined && last === undefined) end = high
  if (start < low) return `beginning of range (${start}) below minimum (${low}): ${text}`
  if (end > high) return `end of range (${end}) above maximum (${high}): ${text}`
  if (start > end) return `beginning of range (${start}) beyond end of range (${end}): ${text}`
  return width === 0 ? `step of range should be a positive number: ${text}` : undefined
}

/** A number or a name for one; a text says why it is neither. */
function numberOf(text: string, words: readonly string[] | undefined): number | string {
  const index = words?.indexOf(text.toLowerCase()) ?? -1
  if (index >= 0) return words === names.month ? index + 1 : index
  if (!/^[-+]?\d{1,15}$/.test(text))
    return `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`
  return Number(text) < 0 ? `negative number (${Number(text)}) not allowed: ${text}` : Number(text)
}

/** Why a text is no time zone; undefined when it is one. */
export function zoneFault(zone: string): string | undefined {
  // Go knows the zone of the machine by this name.
  if (zone === "Local") return undefined
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone })
    return undefined
  } catch {
    return `unknown time zone ${zone}`
  }
}
