import type { ImageConfig } from "./archive.ts";

/** What the few instructions of a Dockerfile say that need no engine: copies onto an empty root, and the configuration. */
export interface Recipe {
  readonly copies: readonly { readonly from: string; readonly to: string }[];
  readonly config: ImageConfig;
}

/** Reads a Dockerfile that begins from nothing and runs nothing, so that what it describes can be built without Docker. */
export function readDockerfile(text: string): Recipe {
  const copies: { from: string; to: string }[] = [];
  const env: string[] = [];
  const labels: Record<string, string> = {};
  const ports: Record<string, object> = {};
  const one: Partial<Record<"Entrypoint" | "Cmd", string[]> & Record<"User" | "WorkingDir" | "StopSignal", string>> = {};
  for (const { word, rest } of instructionsOf(text)) {
    switch (word) {
      case "FROM":
        if (rest !== "scratch") throw new Error(`the image begins FROM scratch, not from ${rest}: nothing is to be fetched`);
        break;
      case "COPY": {
        const [from = "", to = ""] = rest.split(/\s+/);
        copies.push({ from, to });
        break;
      }
      case "ENV":
        env.push(rest);
        break;
      case "LABEL": {
        const [, key = "", value = ""] = /^([^=]+)="?([^"]*)"?$/.exec(rest) ?? [];
        labels[key] = value;
        break;
      }
      case "EXPOSE":
        ports[rest] = {};
        break;
      case "USER":
        one.User = rest;
        break;
      case "WORKDIR":
        one.WorkingDir = rest;
        break;
      case "STOPSIGNAL":
        one.StopSignal = rest;
        break;
      case "ENTRYPOINT":
        one.Entrypoint = words(rest);
        break;
      case "CMD":
        one.Cmd = words(rest);
        break;
      default:
        throw new Error(`${word} can't be followed without an engine: the image is made by COPY alone`);
    }
  }
  if (one.Entrypoint === undefined) throw new Error("an ENTRYPOINT was expected");
  return { copies, config: { Env: env, Labels: labels, ExposedPorts: ports, ...one, Entrypoint: one.Entrypoint } };
}

function* instructionsOf(text: string): Generator<{ readonly word: string; readonly rest: string }> {
  // A backslash at the end joins the next line.
  for (const line of text.replace(/\\\n\s*/g, "").split("\n")) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const [, word = "", rest = ""] = /^(\S+)\s+(.*?)\s*$/.exec(line) ?? [];
    yield { word, rest };
  }
}

function words(rest: string): string[] {
  const read: unknown = JSON.parse(rest);
  if (!Array.isArray(read)) throw new Error(`a list of words was expected, got ${rest}: there is no shell to read anything else`);
  return read.map(String);
}
