import { apiPath, type ComponentDetail, type ComponentSummary, globalId } from "./api.ts";
import { Health } from "./health.tsx";
import { usePolled } from "./hooks.ts";
import { type Go, Link } from "./link.tsx";
import { LiveView } from "./live-view.tsx";
import { Notice } from "./notice.tsx";
import { Statements } from "./statements.tsx";

/** One component: what it is told, what it shows, what it does, and what leaves it. */
export function ComponentPage({ id, go }: { id: string; go: Go }) {
  const { data, error } = usePolled<ComponentDetail>(apiPath("components", id));
  if (data === undefined) return <Notice error={error} />;
  const near = (ids: readonly string[]) =>
    ids.map((localID) => ({ localID, to: `component/${globalId({ moduleID: data.moduleID, localID })}` }));
  return (
    <>
      <Notice error={error} />
      <h1>
        {data.name}
        {data.label !== undefined && <span class="label"> "{data.label}"</span>} <Health state={data.health.state} />
      </h1>
      <p class="message">
        {data.health.message}
        {data.health.message !== "" && <small> since {new Date(data.health.updatedTime).toLocaleString()}</small>}
        {data.moduleID !== "" && <small> in {data.moduleID}</small>}
      </p>
      <Neighbours title="Sends to" items={near(data.dataFlowEdgesTo)} go={go} />
      <Neighbours title="Refers to" items={near(data.referencesTo)} go={go} />
      <Neighbours title="Referred to by" items={near(data.referencedBy)} go={go} />
      {(data.createdModuleIDs ?? []).map((moduleId) => (
        <Inside key={moduleId} moduleId={moduleId} go={go} />
      ))}
      <section>
        <h2>Live</h2>
        <LiveView id={id} enabled={data.liveDebuggingEnabled} />
      </section>
      <section>
        <h2>Arguments</h2>
        <Statements statements={data.arguments} empty="It has none." />
      </section>
      <section>
        <h2>Exports</h2>
        <Statements statements={data.exports} empty="It exports nothing." />
      </section>
      {data.debugInfo !== undefined && (
        <section>
          <h2>What it is doing</h2>
          <Statements statements={data.debugInfo} empty="Nothing to tell." />
        </section>
      )}
      <section>
        <h2>Configuration</h2>
        <pre>{data.original}</pre>
      </section>
    </>
  );
}

function Neighbours({ title, items, go }: { title: string; items: readonly { localID: string; to: string }[]; go: Go }) {
  if (items.length === 0) return null;
  return (
    <p class="neighbours">
      <span>{title}</span>
      {items.map(({ localID, to }) => (
        <Link key={localID} to={to} go={go} class="chip">
          {localID}
        </Link>
      ))}
    </p>
  );
}

function Inside({ moduleId, go }: { moduleId: string; go: Go }) {
  const { data } = usePolled<readonly ComponentSummary[]>(
    `api/v0/web/modules/${moduleId.split("/").map(encodeURIComponent).join("/")}/components`,
  );
  const items = (data ?? []).map((component) => ({ localID: component.localID, to: `component/${globalId(component)}` }));
  return <Neighbours title="Inside" items={items} go={go} />;
}
