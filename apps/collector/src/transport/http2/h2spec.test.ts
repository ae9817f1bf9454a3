import assert from "node:assert/strict";
import { test } from "node:test";
import { runH2spec } from "../../../../../tests/backends/h2spec.ts";
import { realPart } from "../../../../../tests/backends/real-part.ts";
import { systemClock } from "../../component/clock.ts";
import { testContext } from "../../component/testing.ts";
import { defaultGrpcKeepalive, defaultGrpcLimits, startGrpcServer } from "../grpc-server.ts";

test("the server conforms to HTTP/2 and HPACK in every case of h2spec", { skip: realPart("h2spec").skip }, async () => {
  const server = await startGrpcServer({
    host: "127.0.0.1",
    port: 0,
    methods: {},
    // The suite pings as often as it likes.
    keepalive: { ...defaultGrpcKeepalive, minTimeMs: 0, permitWithoutStream: true },
    limits: defaultGrpcLimits,
    clock: systemClock,
    log: testContext().log,
  });
  try {
    const { failed, passed } = await runH2spec({ port: server.port, timeoutSeconds: 1 });
    assert.deepEqual(failed, []);
    assert.ok(passed > 100, `${passed} cases`);
  } finally {
    await server.close(AbortSignal.abort());
  }
});
