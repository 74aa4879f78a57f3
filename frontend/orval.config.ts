import { defineConfig } from "orval";

/** The gateway's description of itself becomes one thin function per operation and one type per schema. */
export default defineConfig({
  chatdesk: {
    input: {
      target: "./openapi.json",
      filters: { mode: "exclude", tags: ["webhooks", "health"] },
    },
    output: {
      client: "axios-functions",
      mode: "tags-split",
      target: "./src/api/gen/api.ts",
      schemas: "./src/api/gen/model",
      clean: true,
      indexFiles: true,
      urlEncodeParameters: true,
      override: {
        mutator: { path: "./src/api/http.ts", name: "request" },
        enumGenerationType: "union",
      },
    },
  },
});
