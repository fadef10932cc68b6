import { defineConfig } from "vitest/config"

const conditions = ["@gitops-toolkit/source", "node", "import", "module", "default"]
const shared = { ssr: { resolve: { conditions, externalConditions: conditions } }, resolve: { conditions } }

export default defineConfig({
  ...shared,
  test: {
    projects: [
      { ...shared, test: { name: "unit", include: ["packages/*/src/**/*.test.ts"], testTimeout: 30_000 } },
      { ...shared, test: { name: "examples", include: ["examples/**/*.test.ts"], testTimeout: 60_000 } },
      { ...shared, test: { name: "workspace", include: ["test/*.test.ts"], testTimeout: 120_000 } },
    ],
  },
})
