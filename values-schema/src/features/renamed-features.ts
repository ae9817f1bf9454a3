import { Type } from "@sinclair/typebox";

/** Features under the names that older values give them: whoever uses one is told the new one. */
export const renamedFeatures = {
  podLogs: Type.Object(
    {},
    {
      description: "The name of an older version, any key fails: now podLogsViaLoki, podLogsViaKubernetesApi or podLogsViaOpenTelemetry.",
      default: {},
      additionalProperties: true,
      "x-absent": true,
    },
  ),
};
