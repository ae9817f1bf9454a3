import type { Peer } from "./api.ts";
import { usePolled } from "./hooks.ts";
import { Notice } from "./notice.tsx";

/** Who works together with this collector. */
export function ClusteringPage() {
  const { data, error } = usePolled<readonly Peer[]>("api/v0/web/peers");
  return (
    <>
      <Notice error={error} />
      {data?.length === 0 && <p class="notice">This collector works alone.</p>}
      {data !== undefined && data.length > 0 && (
        <table>
          <thead>
            <tr>
              <th>Name</th>
              <th>Address</th>
              <th>State</th>
            </tr>
          </thead>
          <tbody>
            {data.map((peer) => (
              <tr key={peer.name}>
                <td>
                  {peer.name} {peer.isSelf && <small>this one</small>}
                </td>
                <td>{peer.addr}</td>
                <td>{peer.state}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}
