import type { MetricDoc } from "../../../../component/definition.ts";
import type { MetricScope } from "../../../../component/metrics.ts";
import { deadlineOf } from "./deadline.ts";
import type { DetectedValue, DetectorSettings, Surroundings } from "./detector.ts";
import { isOnByDefault } from "./detector-arguments.ts";
import { detectors } from "./detectors.ts";
import { Unavailable } from "./unavailable.ts";

const FIRST_RETRY_MS = 1000;
/** Of the conventions that the attributes are named by. */
const SCHEMA_URL = "https://opentelemetry.io/schemas/1.40.0";
const durationBuckets = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30];

export interface DetectionArguments {
  readonly detectors: readonly string[];
  readonly timeout: number;
  readonly fail_on_missing_metadata: boolean;
  /** The blocks, by the detectors' names. */
  readonly settings: Readonly<Record<string, DetectorSettings | undefined>>;
}

export interface Detection {
  readonly attributes: ReadonlyMap<string, DetectedValue>;
  /** Empty where no detector names one. */
  readonly schemaUrl: string;
  /** Why some detectors failed. */
  readonly faults: readonly string[];
}

export const detectionMetricDocs: readonly MetricDoc[] = [
  { name: "otelcol_resourcedetection_attributes_detected", kind: "gauge", doc: "Attributes of the detected resource." },
  {
    name: "otelcol_resourcedetection_detector_duration_seconds",
    kind: "histogram",
    doc: "How long a detector took, attempts and pauses together.",
  },
  { name: "otelcol_resourcedetection_detector_results_total", kind: "counter", doc: "Detections, by detector and outcome." },
];

/** Runs all detectors at once, each until it succeeds or time is up. Where several find an attribute the one that is named first wins. */
export async function detect(
  args: DetectionArguments,
  surroundings: Surroundings,
  metrics: MetricScope,
  signal: AbortSignal,
): Promise<Detection> {
  const deadline = deadlineOf(signal, args.timeout);
  const outcomes = await Promise.all(args.detectors.map((name) => persist(name, args, surroundings, metrics, deadline.signal)));
  deadline.end();
  const attributes = new Map<string, DetectedValue>();
  const faults: string[] = [];
  let schemaUrl = "";
  for (const outcome of outcomes) {
    if (typeof outcome === "string") {
      faults.push(outcome);
      continue;
    }
    if (outcome.schemaUrl !== "") schemaUrl ||= outcome.schemaUrl;
    for (const [name, value] of outcome.attributes) if (!attributes.has(name)) attributes.set(name, value);
  }
  return { attributes, schemaUrl, faults };
}

interface Outcome {
  readonly attributes: readonly (readonly [string, DetectedValue])[];
  readonly schemaUrl: string;
}

/** One detector, again and again until the deadline; the text says why it failed the last time. */
async function persist(
  name: string,
  args: DetectionArguments,
  surroundings: Surroundings,
  metrics: MetricScope,
  deadline: AbortSignal,
): Promise<Outcome | string> {
  const { clock, log } = surroundings.context;
  const startMs = clock.monotonic();
  const record = (outcome: "success" | "failure", errorType: string) => {
    const [, duration, results] = detectionMetricDocs as readonly [MetricDoc, MetricDoc, MetricDoc];
    metrics
      .histogram(duration.name, { help: duration.doc, labels: ["detector", "outcome"], buckets: durationBuckets })
      .of(name, outcome)
      .observe((clock.monotonic() - startMs) / 1000);
    metrics
      .counter(results.name, { help: results.doc, labels: ["detector", "outcome", "error_type"] })
      .of(name, outcome, errorType)
      .add(1);
  };
  let firstError = "";
  for (let waitMs = FIRST_RETRY_MS; ; waitMs *= 2) {
    try {
      const outcome = await once(name, args, surroundings, deadline);
      record("success", "");
      return outcome;
    } catch (error) {
      const text = `${name}: ${error instanceof Error ? error.message : String(error)}`;
      firstError ||= error instanceof Error ? error.name : "Error";
      log.warn("failed to detect resource", { detector: name, err: error });
      if (!deadline.aborted) await pause(surroundings, waitMs, deadline);
      if (deadline.aborted) {
        record("failure", firstError);
        return text;
      }
    }
  }
}

async function once(name: string, args: DetectionArguments, surroundings: Surroundings, signal: AbortSignal): Promise<Outcome> {
  const settings = args.settings[name] ?? {};
  const isEnabled = (attribute: string) => settings.resource_attributes?.[attribute]?.enabled ?? isOnByDefault(name, attribute) ?? false;
  const detector = detectors[name];
  if (detector === undefined) throw new Error(`a detector was expected, ${name} came`);
  try {
    const found = await detector(surroundings, { ...settings, isEnabled }, signal);
    if (found === undefined) return { attributes: [], schemaUrl: "" };
    const attributes = Object.entries(found.attributes).filter(
      (entry): entry is [string, DetectedValue] => entry[1] !== undefined && isEnabled(entry[0]),
    );
    return { attributes: [...attributes, ...Object.entries(found.extra ?? {})], schemaUrl: found.hasNoSchema === true ? "" : SCHEMA_URL };
  } catch (error) {
    const mustBeThere = args.fail_on_missing_metadata || settings.fail_on_missing_metadata === true;
    if (!(error instanceof Unavailable) || mustBeThere) throw error;
    surroundings.context.log.debug("nobody answers a detector", { detector: name, err: error });
    return { attributes: [], schemaUrl: "" };
  }
}

function pause({ context: { clock } }: Surroundings, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      cancel();
      signal.removeEventListener("abort", end);
      resolve();
    };
    const cancel = clock.after(ms, end);
    signal.addEventListener("abort", end);
  });
}
