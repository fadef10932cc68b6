export * from "./git/index.ts"
export * from "./control-plane/index.ts"
