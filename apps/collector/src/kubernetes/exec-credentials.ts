import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Clock } from "../component/clock.ts";
import type { ClientAuthenticator } from "../transport/authentication.ts";
import type { ExecCredentials } from "./kubeconfig.ts";

const run = promisify(execFile);
const timeoutMs = 60_000;
/** A token is asked for anew this long before it ends. */
const earlyMs = 30_000;

/** Asks a program for a token, and again when it ends. */
export function execAuthenticator(exec: ExecCredentials, clock: Clock): ClientAuthenticator {
  let current: { readonly token: string; readonly untilMs: number } | undefined;
  let asking: Promise<string> | undefined;
  const ask = async () => {
    const { stdout } = await run(exec.command, [...exec.args], {
      timeout: timeoutMs,
      maxBuffer: 1024 * 1024,
      env: {
        ...process.env,
        ...exec.env,
        KUBERNETES_EXEC_INFO: JSON.stringify({ apiVersion: exec.apiVersion, kind: "ExecCredential", spec: { interactive: false } }),
      },
    });
    const { status } = JSON.parse(stdout) as { status?: { token?: unknown; expirationTimestamp?: unknown } };
    if (typeof status?.token !== "string") throw new Error(`${exec.command} printed no token: certificates of exec are not supported`);
    const until = typeof status.expirationTimestamp === "string" ? Date.parse(status.expirationTimestamp) : Number.POSITIVE_INFINITY;
    current = { token: status.token, untilMs: until - earlyMs };
    return status.token;
  };
  const token = () => {
    if (current !== undefined && clock.now() < current.untilMs) return current.token;
    asking ??= ask().finally(() => {
      asking = undefined;
    });
    return asking;
  };
  return {
    requiresTls: true,
    async authenticate({ headers }) {
      if (!headers.has("authorization")) headers.set("authorization", `Bearer ${await token()}`);
    },
  };
}
