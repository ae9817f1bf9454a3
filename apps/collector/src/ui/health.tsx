import type { HealthState } from "./api.ts";

const words: Readonly<Record<HealthState, string>> = { healthy: "healthy", unhealthy: "unhealthy", exited: "exited", unknown: "starting" };

/** A component's health as a coloured word. */
export function Health({ state, message }: { state: HealthState; message?: string }) {
  return (
    <span class={`health ${state}`} title={message}>
      {words[state]}
    </span>
  );
}
