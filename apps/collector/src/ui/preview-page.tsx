import { useState } from "preact/hooks";
import { usePolled } from "./hooks.ts";
import { Notice } from "./notice.tsx";

interface Totals {
  readonly traces: number;
  readonly metrics: number;
  readonly logs: number;
}

interface Series {
  readonly labels: string;
  readonly points: readonly (readonly [number, number])[];
}

interface Line {
  readonly timeMs: number;
  readonly labels: string;
  readonly line: string;
}

/** What the quick start's own backend received in the last minutes. */
export function PreviewPage() {
  const { data: totals, error } = usePolled<Totals>("api/v1/preview/summary", 2_000);
  const [match, setMatch] = useState("");
  if (totals === undefined)
    return (
      <p class="notice">
        {error === undefined ? "" : "There is no preview: only the quick start runs a backend of its own (invar run --quick-start)."}
      </p>
    );
  const query = `match=${encodeURIComponent(match)}&limit=100`;
  return (
    <>
      <p class="summary">
        <b>{totals.traces}</b> spans, <b>{totals.metrics}</b> samples, <b>{totals.logs}</b> lines arrived
        <input type="search" placeholder="metric or log text" value={match} onInput={(event) => setMatch(event.currentTarget.value)} />
      </p>
      <Traces />
      <Metrics query={query} />
      <Logs query={query} />
    </>
  );
}

interface Span {
  readonly name?: string;
  readonly startTimeUnixNano?: string;
  readonly endTimeUnixNano?: string;
  readonly traceId?: string;
  readonly spanId?: string;
}

interface TraceRequest {
  readonly resourceSpans?: readonly {
    readonly resource?: { readonly attributes?: readonly { readonly key: string; readonly value?: { readonly stringValue?: string } }[] };
    readonly scopeSpans?: readonly { readonly spans?: readonly Span[] }[];
  }[];
}

function Traces() {
  const { data, error } = usePolled<readonly TraceRequest[]>("api/v1/preview/traces?limit=20");
  const spans = (data ?? []).flatMap(({ resourceSpans = [] }) =>
    resourceSpans.flatMap(({ resource, scopeSpans = [] }) => {
      const service = resource?.attributes?.find(({ key }) => key === "service.name")?.value?.stringValue ?? "";
      return scopeSpans.flatMap(({ spans: inScope = [] }) => inScope.map((span) => ({ service, span })));
    }),
  );
  return (
    <section>
      <h2>Spans</h2>
      <Notice error={error} />
      {spans.length === 0 && <p class="quiet">None yet. Send some to 127.0.0.1:4317 (gRPC) or 127.0.0.1:4318 (HTTP).</p>}
      <table>
        <tbody>
          {spans.slice(0, 100).map(({ service, span }) => (
            <tr key={span.spanId}>
              <td>{service}</td>
              <td>{span.name}</td>
              <td class="number">{milliseconds(span)}</td>
              <td>
                <code>{span.traceId}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function milliseconds({ startTimeUnixNano = "0", endTimeUnixNano = "0" }: Span): string {
  return `${(Number(BigInt(endTimeUnixNano) - BigInt(startTimeUnixNano)) / 1e6).toFixed(2)} ms`;
}

function Metrics({ query }: { query: string }) {
  const { data, error } = usePolled<readonly Series[]>(`api/v1/preview/metrics?${query}`);
  return (
    <section>
      <h2>Metrics</h2>
      <Notice error={error} />
      <table>
        <tbody>
          {(data ?? []).map(({ labels, points }) => (
            <tr key={labels}>
              <td class="message">{labels}</td>
              <td class="number">{points.at(-1)?.[1]}</td>
              <td>
                <Sparkline points={points} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Sparkline({ points }: { points: Series["points"] }) {
  const values = points.map(([, value]) => value);
  const low = Math.min(...values);
  const span = Math.max(...values) - low || 1;
  const path = values
    .map((value, index) => `${(index / Math.max(values.length - 1, 1)) * 118 + 1},${19 - ((value - low) / span) * 18}`)
    .join(" ");
  return (
    <svg class="spark" width="120" height="20" aria-hidden="true">
      <polyline points={path} />
    </svg>
  );
}

function Logs({ query }: { query: string }) {
  const { data, error } = usePolled<readonly Line[]>(`api/v1/preview/logs?${query}`);
  return (
    <section>
      <h2>Logs</h2>
      <Notice error={error} />
      {data?.length === 0 && <p class="quiet">None yet. Lines that are added to the log files under /var/log appear here.</p>}
      <table>
        <tbody>
          {(data ?? []).map(({ timeMs, labels, line }, index) => (
            <tr key={`${timeMs} ${index}`}>
              <td>{new Date(timeMs).toLocaleTimeString()}</td>
              <td class="message" title={labels}>
                {line}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
