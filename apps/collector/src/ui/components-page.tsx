import { useState } from "preact/hooks";
import { type ComponentSummary, globalId, type HealthState } from "./api.ts";
import { Health } from "./health.tsx";
import { usePolled } from "./hooks.ts";
import { type Go, Link } from "./link.tsx";
import { Notice } from "./notice.tsx";

const severity: Readonly<Record<HealthState, number>> = { unhealthy: 0, exited: 1, unknown: 2, healthy: 3 };

/** Every component with its health, the sick ones first. */
export function ComponentsPage({ go }: { go: Go }) {
  const { data, error } = usePolled<readonly ComponentSummary[]>("api/v0/web/components");
  const [wanted, setWanted] = useState("");
  const components = (data ?? []).filter(({ localID }) => localID.includes(wanted.trim()));
  const sorted = [...components].sort((a, b) => severity[a.health.state] - severity[b.health.state] || (a.localID < b.localID ? -1 : 1));
  const sick = (data ?? []).filter(({ health }) => health.state === "unhealthy" || health.state === "exited").length;
  return (
    <>
      <Notice error={error} />
      {data !== undefined && (
        <p class="summary">
          <b>{data.length}</b> components, {sick === 0 ? "all healthy or starting" : <b class="bad">{sick} not healthy</b>}
          <input type="search" placeholder="filter by name" value={wanted} onInput={(event) => setWanted(event.currentTarget.value)} />
        </p>
      )}
      <table>
        <thead>
          <tr>
            <th>Health</th>
            <th>Component</th>
            <th>Sends to</th>
            <th>State</th>
          </tr>
        </thead>
        <tbody>
          {sorted.map((component) => (
            <tr key={component.localID}>
              <td>
                <Health state={component.health.state} />
              </td>
              <td>
                <Link to={`component/${globalId(component)}`} go={go}>
                  {component.name}
                  {component.label !== undefined && <span class="label"> "{component.label}"</span>}
                </Link>
                {component.createdModuleIDs !== undefined && <small> {component.createdModuleIDs.length} inside</small>}
              </td>
              <td>
                {component.dataFlowEdgesTo.map((id) => (
                  <Link key={id} to={`component/${globalId({ moduleID: component.moduleID, localID: id })}`} go={go} class="chip">
                    {id}
                  </Link>
                ))}
              </td>
              <td class="message">{component.health.message}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {data?.length === 0 && <p class="notice">The configuration has no components.</p>}
    </>
  );
}
