import { describe, expect, it } from "vitest"
import { nextTime, parseSchedule } from "./schedule.ts"

describe("nextTime", () => {
  it.each([
    ["* * * * *", "2026-01-01T00:00:30Z", "2026-01-01T00:01:00Z"],
    ["*/15 * * * *", "2026-01-01T00:15:00Z", "2026-01-01T00:30:00Z"],
    ["0 3 * * mon-fri", "2026-01-02T04:00:00Z", "2026-01-05T03:00:00Z"],
    ["5,10 22-23 * * *", "2026-01-01T22:10:00Z", "2026-01-01T23:05:00Z"],
    ["0 0 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z"],
    ["0 0 13 * 5", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"],
    ["@monthly", "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"],
    ["30 12 1 dec ?", "2026-01-01T00:00:00Z", "2026-12-01T12:30:00Z"],
  ])("%s after %s is %s", (text, after, next) => {
    expect(new Date(nextTime(parseSchedule(text)!, Date.parse(after))!).toISOString()).toBe(next.replace("Z", ".000Z"))
  })

  it("follows the wall clocks of a time zone over a change of summer time", () => {
    const schedule = parseSchedule("0 9 * * *")!
    const next = (after: string): string =>
      new Date(nextTime(schedule, Date.parse(after), "Europe/Berlin")!).toISOString()
    expect(next("2026-03-28T00:00:00Z")).toBe("2026-03-28T08:00:00.000Z")
    expect(next("2026-03-29T00:00:00Z")).toBe("2026-03-29T07:00:00.000Z")
  })

  it("finds nothing on a day that never comes", () => {
    expect(nextTime(parseSchedule("0 0 31 2 *")!, 0)).toBeUndefined()
    expect(parseSchedule("whenever")).toBeUndefined()
  })
})
