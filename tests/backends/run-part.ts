import { spawn } from "node:child_process";
import { once } from "node:events";
import { type PartName, requirePart } from "./real-part.ts";

/** Runs a part that ends by itself (telemetrygen, h2spec, helm) and answers its exit code and all that it printed. */
export async function runPart(
  name: PartName,
  args: readonly string[],
  { timeoutMs = 60_000 } = {},
): Promise<{ code: number | null; output: string }> {
  const child = spawn("setpriv", ["--pdeathsig", "KILL", "--", requirePart(name), ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    timeout: timeoutMs,
    killSignal: "SIGKILL",
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const [code] = (await once(child, "close")) as [number | null];
  return { code, output };
}
