import { resolvePlain } from "../resolve.ts"
import { giveUp, type Cursor } from "./cursor.ts"

/** Adds an entry; gives up on duplicate keys and on names that every object inherits, `__proto__` among them. */
export function addEntry(map: { [key: string]: unknown }, key: string, value: unknown): void {
  if (map[key] !== undefined) throw giveUp
  map[key] = value
}

/** Gives up on plain keys that are no strings, and on merge keys. */
export function checkKey(key: string, cursor: Cursor): void {
  if (resolvePlain(key, cursor.profile) !== key || key === "<<") throw giveUp
}
