import { useEffect, useRef, useState } from "preact/hooks";
import { apiPath, follow } from "./api.ts";

/** Lines on the page at most; older ones go. */
const mostLines = 200;

/** What leaves a component, as it leaves, while the reader wants to see it. */
export function LiveView({ id, enabled }: { id: string; enabled: boolean }) {
  const [isOn, setOn] = useState(false);
  const [lines, setLines] = useState<readonly { readonly key: number; readonly text: string }[]>([]);
  const [problem, setProblem] = useState<string>();
  const count = useRef(0);
  useEffect(() => {
    if (!isOn) return;
    const abort = new AbortController();
    let waiting: { key: number; text: string }[] = [];
    const timer = setInterval(() => {
      if (waiting.length === 0) return;
      const fresh = waiting;
      waiting = [];
      setLines((before) => [...before, ...fresh].slice(-mostLines));
    }, 250);
    follow(apiPath("debug", id), abort.signal, (text) => {
      if (waiting.length < mostLines) waiting.push({ key: count.current++, text });
    }).catch((error: unknown) => {
      if (abort.signal.aborted) return;
      setProblem(String(error));
      setOn(false);
    });
    return () => {
      abort.abort();
      clearInterval(timer);
    };
  }, [isOn, id]);
  if (!enabled)
    return (
      <p class="quiet">
        Off. Write <code>livedebugging {"{ enabled = true }"}</code> in the configuration to watch what leaves components.
      </p>
    );
  return (
    <>
      <p>
        <button type="button" onClick={() => setOn(!isOn)}>
          {isOn ? "Stop" : "Watch"}
        </button>{" "}
        {lines.length > 0 && (
          <button type="button" onClick={() => setLines([])}>
            Clear
          </button>
        )}
      </p>
      {problem !== undefined && <p class="notice bad">{problem}</p>}
      {isOn && lines.length === 0 && <p class="quiet">Nothing has left it since you watch.</p>}
      {lines.length > 0 && (
        <div class="live">
          {lines.map(({ key, text }) => (
            <pre key={key}>{text}</pre>
          ))}
        </div>
      )}
    </>
  );
}
