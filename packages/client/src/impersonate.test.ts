import { expect, test } from "vitest"
import { impersonationHeaders, serviceAccount } from "./impersonate.ts"

test.each([
  ["jane", { "impersonate-user": "jane" }],
  [{ user: "jane", groups: [] }, { "impersonate-user": "jane" }],
  [
    { user: "jane", groups: ["dev", "ops"], uid: "7", extra: { "example.com/Scopes": ["a", "b"] } },
    {
      "impersonate-user": "jane",
      "impersonate-group": ["dev", "ops"],
      "impersonate-uid": "7",
      "impersonate-extra-example.com%2Fscopes": ["a", "b"],
    },
  ],
])("%j", (as, headers) => {
  expect(impersonationHeaders(as)).toEqual(headers)
})

test("a service account has the groups that the server gives it", () => {
  expect(serviceAccount("prod", "deployer")).toEqual({
    user: "system:serviceaccount:prod:deployer",
    groups: ["system:serviceaccounts", "system:serviceaccounts:prod", "system:authenticated"],
  })
})
