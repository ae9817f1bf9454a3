import { useEffect, useState } from "preact/hooks";
import { read } from "./api.ts";

export interface Loaded<T> {
  readonly data: T | undefined;
  readonly error: string | undefined;
}

/** Reads a path now and every `everyMs`; what was read stays while a later read fails. */
export function usePolled<T>(path: string, everyMs = 3_000): Loaded<T> {
  const [state, setState] = useState<Loaded<T> & { readonly path: string }>({ path, data: undefined, error: undefined });
  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = async () => {
      try {
        const data = await read<T>(path, abort.signal);
        setState({ path, data, error: undefined });
      } catch (error) {
        if (!abort.signal.aborted)
          setState((before) => ({ path, data: before.path === path ? before.data : undefined, error: String(error) }));
      }
      if (!abort.signal.aborted) timer = setTimeout(look, everyMs);
    };
    void look();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [path, everyMs]);
  return state.path === path ? state : { data: undefined, error: undefined };
}

/** The path of the page below the base, and a way to go elsewhere without loading anew. */
export function useRoute(): [string, (path: string) => void] {
  const below = () => decodeURIComponent(location.pathname.slice(new URL(document.baseURI).pathname.length));
  const [path, setPath] = useState(below());
  useEffect(() => {
    const changed = () => setPath(below());
    addEventListener("popstate", changed);
    return () => removeEventListener("popstate", changed);
  }, []);
  return [
    path,
    (next) => {
      history.pushState(null, "", new URL(next, document.baseURI));
      setPath(below());
      scrollTo(0, 0);
    },
  ];
}
