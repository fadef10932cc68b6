import { isIPv4, isIPv6 } from "node:net"
import { nameRules } from "../write/names.ts"

const cards =
  /^(?:4\d{12}(?:\d{3})?|5[1-5]\d{14}|6(?:011|5\d\d)\d{12}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|(?:2131|1800|35\d{3})\d{11})$/

function isIsbn10(text: string): boolean {
  const digits = text.replaceAll(/[\s-]/g, "")
  if (!/^\d{9}[\dX]$/.test(digits)) return false
  const sum = Array.from(digits).reduce((all, digit, at) => all + (at + 1) * (digit === "X" ? 10 : Number(digit)), 0)
  return sum % 11 === 0
}

function isIsbn13(text: string): boolean {
  const digits = text.replaceAll(/[\s-]/g, "")
  if (!/^\d{13}$/.test(digits)) return false
  return Array.from(digits).reduce((all, digit, at) => all + (at % 2 === 0 ? 1 : 3) * Number(digit), 0) % 10 === 0
}

const isDateTime = (text: string): boolean =>
  /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)$/.test(text) &&
  !Number.isNaN(Date.parse(text))

/** Names of formats count without their dashes. */
const checks: { readonly [format: string]: (text: string) => boolean } = {
  datetime: isDateTime,
  date: (text) => /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)),
  ipv4: isIPv4,
  ipv6: isIPv6,
  cidr: (text) => {
    const [address = "", bits = ""] = text.split("/")
    return (
      /^\d{1,3}$/.test(bits) && ((isIPv4(address) && Number(bits) <= 32) || (isIPv6(address) && Number(bits) <= 128))
    )
  },
  email: (text) => /^[^\s@<>()]{1,64}@[^\s@<>()]{1,255}$/.test(text),
  hostname: (text) =>
    text.length <= 255 && /^[A-Za-z0-9](?:[-A-Za-z0-9]{0,62})?(?:\.[A-Za-z0-9](?:[-A-Za-z0-9]{0,62})?)*$/.test(text),
  uri: (text) => URL.canParse(text) || /^\/[^\s]*$/.test(text),
  uuid: (text) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i.test(text),
  uuid3: (text) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i.test(text),
  uuid4: (text) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i.test(text),
  uuid5: (text) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i.test(text),
  byte: (text) => /^[A-Za-z0-9+/]+={0,2}$/.test(text) && text.length % 4 === 0,
  duration: (text) => /^(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)\s*[a-zµ]{1,7}\s*)+$/i.test(text.slice(0, 200)),
  mac: (text) => /^(?:[0-9a-f]{2}[:-]){5}(?:[0-9a-f]{2}[:-]?){1,3}$/i.test(text),
  bsonobjectid: (text) => /^[0-9a-f]{24}$/i.test(text),
  isbn: (text) => isIsbn10(text) || isIsbn13(text),
  isbn10: isIsbn10,
  isbn13: isIsbn13,
  creditcard: (text) => cards.test(text.replaceAll(/\D/g, "")),
  ssn: (text) => /^\d{3}[- ]?\d{2}[- ]?\d{4}$/.test(text),
  rgbcolor: (text) => /^rgb\((?:\s*(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\s*(?:,(?!\s*\))|(?=\)))){3}\)$/.test(text),
  password: () => true,
  k8sshortname: (text) => nameRules.label(text, false).length === 0,
  k8slongname: (text) => nameRules.subdomain(text, false).length === 0,
  hexcolor: (text) => /^#?(?:[0-9a-f]{3}|[0-9a-f]{6})$/i.test(text),
}

const named = (format: string): string => format.replaceAll("-", "")

const isFormat = (format: string): boolean => Object.hasOwn(checks, named(format))

/** True for a format that the server knows of values of a type; without type these are texts. */
export function isFormatOf(type: string | undefined, format: string): boolean {
  if (type === undefined || type === "" || type === "string") return isFormat(format)
  return Object.hasOwn(numberFormats, type) && numberFormats[type]!.includes(format)
}

const numberFormats: { readonly [type: string]: readonly string[] } = {
  integer: ["int32", "int64"],
  number: ["float", "double"],
}

/** True when a text is not of a format that the server knows; unknown formats limit nothing. */
export function formatFault(format: string, text: string): boolean {
  return isFormat(format) && !checks[named(format)]!(text)
}
