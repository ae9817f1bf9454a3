import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type ServerHttp2Stream } from "node:http2";
import { type AddressInfo, createServer as createTcpServer, type Server } from "node:net";
import { test } from "node:test";
import { runH2spec } from "./h2spec.ts";
import { realPart } from "./real-part.ts";

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

test("a conforming server passes", { skip: realPart("h2spec").skip }, async () => {
  const server = createServer();
  server.on("stream", (stream: ServerHttp2Stream) => {
    // The suite breaks streams and sessions on purpose.
    stream.on("error", () => stream.close());
    stream.respond({ ":status": 200 });
    stream.end("hello");
  });
  server.on("sessionError", (_error, session) => session.destroy());
  const port = await listen(server);
  const result = await runH2spec({ port, sections: ["generic/3"] });
  server.close();
  assert.deepEqual([result.tests, result.passed, result.failed], [19, 19, []]);
});

test("a server that speaks no HTTP/2 fails, and the failures are named", { skip: realPart("h2spec").skip }, async () => {
  const server = createTcpServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
  });
  const port = await listen(server);
  const result = await runH2spec({ port, sections: ["generic/3.7"] });
  server.close();
  assert.equal(result.passed, 0);
  assert.deepEqual(result.failed, ["1: Sends a PING frame"]);
});
