import { expect, test } from "vitest"
import { publicAddressesOnly } from "./index.ts"

const { allowAddress } = publicAddressesOnly()

test.each([
  ["8.8.8.8", true],
  ["1.1.1.1", true],
  ["140.82.121.4", true],
  ["172.15.255.255", true],
  ["172.32.0.1", true],
  ["2606:50c0:8000::153", true],
  ["0.0.0.0", false],
  ["10.1.2.3", false],
  ["100.64.0.1", false],
  ["127.0.0.1", false],
  ["127.255.255.254", false],
  ["169.254.169.254", false],
  ["172.16.0.1", false],
  ["172.31.255.255", false],
  ["192.168.1.1", false],
  ["198.18.0.1", false],
  ["224.0.0.1", false],
  ["255.255.255.255", false],
  ["::", false],
  ["::1", false],
  ["::ffff:127.0.0.1", false],
  ["::ffff:10.0.0.1", false],
  ["::ffff:8.8.8.8", true],
  ["64:ff9b::7f00:1", false],
  ["2002:7f00:1::", false],
  ["fc00::1", false],
  ["fd00:ec2::254", false],
  ["fe80::1", false],
  ["fe80::1%eth0", false],
  ["ff02::1", false],
  ["not an address", false],
  ["", false],
])("%s is public: %s", (address, allowed) => {
  expect(allowAddress?.(address)).toBe(allowed)
})
