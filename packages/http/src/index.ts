export * from "./transport.ts"
