export * from "./error.ts"
export * from "./options.ts"
export * from "./parse.ts"
export * from "./print.ts"
