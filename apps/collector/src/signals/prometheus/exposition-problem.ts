import { MalformedInput } from "../../bytes/malformed-input.ts";
import { PrometheusTextParser } from "./prometheus-text.ts";

/** What is wrong with a text as a Prometheus exposition; undefined where it can be scraped. */
export function expositionProblem(text: string): string | undefined {
  const bytes = new TextEncoder().encode(text);
  const withRoom = new Uint8Array(bytes.length + 8);
  withRoom.set(bytes);
  const parser = new PrometheusTextParser(withRoom, bytes.length, { typeAndUnitLabels: false });
  try {
    for (let entry = parser.next(); entry !== "end"; entry = parser.next()) if (entry === "series") parser.labels();
    return undefined;
  } catch (error) {
    if (!(error instanceof MalformedInput)) throw error;
    return `failed to parse prom text: ${error.message}`;
  }
}
