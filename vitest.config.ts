import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // Tests with the real engine come with timeouts of their own.
    pool: "forks",
    alias: {
      "pulumi-flowlogs/testing": new URL("./src/testing/index.ts", import.meta.url).pathname,
    },
  },
});
