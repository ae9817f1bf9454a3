import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { addressText } from "../address.ts";
import { basicAuthorization } from "../credentials/authorization.ts";

const maxAnswerBytes = 16 * 1024;

/** A connection to a host through an HTTP proxy. Rejects where either can't be reached; ends when `signal` is aborted. */
export async function openTunnel(proxy: URL, host: string, port: number, userAgent: string, signal: AbortSignal): Promise<Socket> {
  const isSecure = proxy.protocol === "https:";
  const proxyHost = proxy.hostname.replace(/^\[|\]$/g, "");
  const proxyPort = Number(proxy.port) || (isSecure ? 443 : 80);
  const target = addressText(host, port);
  return new Promise((resolve, reject) => {
    const socket = isSecure
      ? connectTls({ host: proxyHost, port: proxyPort, servername: proxyHost })
      : connect({ host: proxyHost, port: proxyPort });
    let answer = "";
    const fail = (error: Error) => {
      socket.destroy();
      reject(new Error(`the proxy ${proxy.host} did not connect to ${target}: ${error.message}`));
    };
    const onAbort = () => fail(new Error("it took too long"));
    const onEnd = () => fail(new Error("it closed the connection"));
    const onData = (piece: Buffer) => {
      answer += piece.toString("latin1");
      const end = answer.indexOf("\r\n\r\n");
      if (end < 0) {
        if (answer.length > maxAnswerBytes) fail(new Error("its answer does not end"));
        return;
      }
      const status = /^HTTP\/1\.[01] (\d{3})/.exec(answer)?.[1];
      if (status !== "200") {
        fail(new Error(status === undefined ? "it does not speak HTTP" : `it answered ${status}`));
        return;
      }
      socket.off("data", onData).off("end", onEnd).off("error", fail);
      signal.removeEventListener("abort", onAbort);
      socket.pause();
      // What came after the answer belongs to who uses the connection.
      const rest = Buffer.from(answer.slice(end + 4), "latin1");
      if (rest.length > 0) socket.unshift(rest);
      resolve(socket);
    };
    socket.on("data", onData).on("end", onEnd).on("error", fail);
    signal.addEventListener("abort", onAbort, { once: true });
    const credentials =
      proxy.username === ""
        ? ""
        : `Proxy-Authorization: ${basicAuthorization(decodeURIComponent(proxy.username), decodeURIComponent(proxy.password))}\r\n`;
    socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\nUser-Agent: ${userAgent}\r\n${credentials}\r\n`);
  });
}
