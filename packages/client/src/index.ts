export * from "./client.ts"
export * from "./connect-error.ts"
export * from "./connect.ts"
export * from "./impersonate.ts"
