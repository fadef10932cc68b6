import { isIPv4, isIPv6 } from "node:net"

const checks: { readonly [format: string]: (text: string) => boolean } = {
  "date-time": (text) =>
    /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)$/.test(text) &&
    !Number.isNaN(Date.parse(text)),
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
  byte: (text) => /^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0,
  duration: (text) => /^(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)\s*[a-zµ]{1,7}\s*)+$/i.test(text.slice(0, 200)),
  mac: (text) => /^(?:[0-9a-f]{2}[:-]){5}(?:[0-9a-f]{2}[:-]?){1,3}$/i.test(text),
  hexcolor: (text) => /^#?(?:[0-9a-f]{3}|[0-9a-f]{6})$/i.test(text),
}

/** True for a format that the server knows. */
export function isFormat(format: string): boolean {
  return Object.hasOwn(checks, format)
}

/** True when a text is not of a format that the server knows; unknown formats limit nothing. */
export function formatFault(format: string, text: string): boolean {
  return Object.hasOwn(checks, format) && !checks[format]!(text)
}
