import type { SpanDraft, SpanValue } from "../otlp/write/span.ts";

const UNSET = 0;
const OK = 1;
const ERROR = 2;

/** Finds a span's status among its binary annotations: OpenCensus's, OpenTelemetry's, the tag `error`, HTTP's, in this order. */
export class StatusTags {
  #census: number | undefined;
  #censusMessage = "";
  #status: number | undefined;
  #statusMessage = "";
  #http: number | undefined;
  #httpMessage = "";
  #hasError = false;

  /** Looks at one; true: it tells of the status alone and is no attribute. */
  take(key: string, value: SpanValue): boolean {
    switch (key) {
      case "census.status_code": {
        const code = codeOf(value);
        if (code !== undefined) this.#census = code === 0 ? OK : ERROR;
        return true;
      }
      case "census.status_description":
      case "opencensus.status_description":
        this.#censusMessage = textOf(value);
        return true;
      case "otel.status_code":
        this.#status = codeOf(value) ?? this.#status;
        return true;
      case "otel.status_description":
        this.#statusMessage = textOf(value);
        return true;
      case "http.status_code":
      case "http.response.status_code": {
        const code = codeOf(value);
        if (code !== undefined) this.#http = code >= 100 && code < 400 ? UNSET : ERROR;
        return false;
      }
      case "http.status_message":
        this.#httpMessage = textOf(value);
        return false;
      case "error":
        this.#hasError = true;
        return true;
      default:
        return false;
    }
  }

  apply(span: SpanDraft): void {
    if (this.#census !== undefined) set(span, this.#census, this.#censusMessage);
    else if (this.#status !== undefined) set(span, this.#status, this.#statusMessage);
    else if (this.#hasError) set(span, ERROR, this.#censusMessage || this.#statusMessage);
    else if (this.#http !== undefined) set(span, this.#http, this.#httpMessage);
  }
}

function set(span: SpanDraft, code: number, message: string): void {
  span.statusCode = code;
  span.statusMessage = message;
}

function codeOf(value: SpanValue): number | undefined {
  const code =
    typeof value === "bigint" ? Number(value) : typeof value === "string" && /^[+-]?\d{1,19}$/.test(value) ? Number(value) : undefined;
  return code !== undefined && code >= -(2 ** 31) && code < 2 ** 31 ? code : undefined;
}

function textOf(value: SpanValue): string {
  return typeof value === "string" ? value : "";
}
