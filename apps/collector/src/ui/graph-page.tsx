import { useEffect, useState } from "preact/hooks";
import { type ComponentSummary, follow, globalId } from "./api.ts";
import { type GraphNode, layout } from "./graph-layout.ts";
import { usePolled } from "./hooks.ts";
import { type Go, Link } from "./link.tsx";
import { Notice } from "./notice.tsx";

const width = 230;
const height = 44;
const gapX = 70;
const gapY = 14;

/** The components as boxes, data flowing to the right; with live debugging, how much leaves each. */
export function GraphPage({ go }: { go: Go }) {
  const { data, error } = usePolled<readonly ComponentSummary[]>("api/v0/web/components");
  const rates = useRates(data?.some(({ liveDebuggingEnabled }) => liveDebuggingEnabled) === true);
  if (data === undefined) return <Notice error={error} />;
  const nodes: GraphNode[] = data.map(({ localID, dataFlowEdgesTo }) => ({ id: localID, to: dataFlowEdgesTo }));
  const places = new Map(layout(nodes).map(({ id, layer, row }) => [id, { x: layer * (width + gapX), y: row * (height + gapY) }]));
  const right = Math.max(0, ...[...places.values()].map(({ x }) => x)) + width;
  const bottom = Math.max(0, ...[...places.values()].map(({ y }) => y)) + height;
  return (
    <>
      <Notice error={error} />
      <div class="graph">
        <div class="canvas" style={{ width: px(right), height: px(bottom) }}>
          <svg width={right} height={bottom} aria-hidden="true">
            {nodes.flatMap(({ id, to }) =>
              to.map((target) => {
                const from = places.get(id);
                const end = places.get(target);
                return from === undefined || end === undefined ? null : <path key={`${id} ${target}`} d={curve(from, end)} />;
              }),
            )}
          </svg>
          {data.map((component) => {
            const place = places.get(component.localID);
            return (
              <div
                key={component.localID}
                class="place"
                style={{ left: px(place?.x ?? 0), top: px(place?.y ?? 0), width: px(width), height: px(height) }}
              >
                <Link to={`component/${globalId(component)}`} go={go} class={`node ${component.health.state}`}>
                  <span>{component.name}</span>
                  <small>
                    {component.label ?? ""} {rateText(rates.get(component.localID))}
                  </small>
                </Link>
              </div>
            );
          })}
        </div>
      </div>
    </>
  );
}

function px(length: number): string {
  return `${length}px`;
}

function curve(from: { x: number; y: number }, to: { x: number; y: number }): string {
  const x = from.x + width;
  const y = from.y + height / 2;
  const endY = to.y + height / 2;
  const bend = Math.max(gapX / 2, (to.x - x) / 2);
  return `M${x},${y} C${x + bend},${y} ${to.x - bend},${endY} ${to.x},${endY}`;
}

function rateText(rate: number | undefined): string {
  return rate === undefined ? "" : `${rate < 10 ? rate.toFixed(1) : Math.round(rate)}/s`;
}

/** Items a second by component, for the last window. */
function useRates(isOn: boolean): ReadonlyMap<string, number> {
  const [rates, setRates] = useState<ReadonlyMap<string, number>>(new Map());
  useEffect(() => {
    if (!isOn) return;
    const abort = new AbortController();
    follow("api/v0/web/graph?window=2", abort.signal, (text) => {
      const sums = new Map<string, number>();
      for (const { componentID, rate } of JSON.parse(text) as readonly { componentID: string; rate: number }[])
        sums.set(componentID, (sums.get(componentID) ?? 0) + rate);
      setRates(sums);
    }).catch(() => setRates(new Map()));
    return () => abort.abort();
  }, [isOn]);
  return rates;
}
