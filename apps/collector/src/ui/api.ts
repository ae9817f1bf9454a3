/** The web API as these pages use it; its shapes are those of the incumbent. */
export interface ComponentSummary {
  readonly name: string;
  readonly localID: string;
  readonly moduleID: string;
  readonly label?: string;
  readonly referencesTo: readonly string[];
  readonly referencedBy: readonly string[];
  readonly dataFlowEdgesTo: readonly string[];
  readonly health: { readonly state: HealthState; readonly message: string; readonly updatedTime: string };
  readonly original: string;
  readonly createdModuleIDs?: readonly string[];
  readonly liveDebuggingEnabled: boolean;
}

export type HealthState = "unknown" | "healthy" | "unhealthy" | "exited";

export interface ComponentDetail extends ComponentSummary {
  readonly arguments: readonly Statement[];
  readonly exports: readonly Statement[];
  readonly debugInfo?: readonly Statement[];
}

export type Statement =
  | { readonly name: string; readonly type: "attr"; readonly value: JsonValue }
  | { readonly name: string; readonly type: "block"; readonly label?: string; readonly body: readonly Statement[] };

export interface JsonValue {
  readonly type: string;
  readonly value: null | number | string | boolean | readonly JsonValue[] | readonly { readonly key: string; readonly value: JsonValue }[];
}

export interface Peer {
  readonly name: string;
  readonly addr: string;
  readonly isSelf: boolean;
  readonly state: string;
}

/** Reads JSON from a path below the base. Throws with the status where the answer is another. */
export async function read<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await fetch(path, signal === undefined ? {} : { signal });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${(await response.text()).trim().slice(0, 200)}`);
  return (await response.json()) as T;
}

const delimiter = "|;|";

/** Calls back for each part of a stream until it ends or `signal` is aborted. */
export async function follow(path: string, signal: AbortSignal, part: (text: string) => void): Promise<void> {
  const response = await fetch(path, { signal });
  if (!response.ok || response.body === null) throw new Error((await response.text()).trim());
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const parts = (rest + value).split(delimiter);
    rest = parts.pop() ?? "";
    for (const text of parts) part(text);
  }
}

/** The id by which the API names a component in whatever module. */
export function globalId({ moduleID, localID }: { readonly moduleID: string; readonly localID: string }): string {
  return moduleID === "" ? localID : `${moduleID}/${localID}`;
}

/** A path of the API with an id in it, which may hold slashes. */
export function apiPath(kind: "components" | "debug", id: string): string {
  return `api/v0/web/${kind}/${id.split("/").map(encodeURIComponent).join("/")}`;
}
