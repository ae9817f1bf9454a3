import { ProtobufReader } from "../../bytes/protobuf-reader.ts";
import { ProtobufWriter } from "../../bytes/protobuf-writer.ts";
import { resourceLevel, scopeLevel } from "../../signals/otlp/fields.ts";
import { StatementError } from "../value.ts";
import { Frame } from "./frame.ts";

/** So many times statements may append metrics to what they appended before. */
const MAX_GENERATIONS = 100;

/**
 * Adds the metrics that statements appended to the scope which the frame stands on. As in the incumbent they come behind the others, and the
 * statements see them, too: they go through `walk` in a request of their own, in a frame of its own.
 */
export function appendedMetrics(frame: Frame, walk: (frame: Frame, request: Uint8Array) => Uint8Array): void {
  if (frame.generation === MAX_GENERATIONS)
    throw new StatementError(
      `statements appended metrics ${MAX_GENERATIONS} times to what they had appended: give them a condition that the copies do not meet`,
    );
  const request = new ProtobufWriter(1024);
  const resource = request.begin(1, 512);
  copyFields(request, frame.resourceContainer, resourceLevel.scopes);
  const scope = request.begin(resourceLevel.scopes, 512);
  copyFields(request, frame.scopeContainer, scopeLevel.items);
  for (const metric of frame.appended) request.copy(scopeLevel.items, metric);
  request.finish(scope);
  request.finish(resource);
  frame.appended.length = 0;
  const inner = new Frame("metrics");
  inner.generation = frame.generation + 1;
  const changed = walk(inner, request.toBytes());
  const { arena } = frame.edits;
  const from = arena.length;
  forEachMetric(changed, (bytes, start, end) => arena.copy(scopeLevel.items, bytes, start, end));
  const { end } = frame.scopeContainer;
  frame.edits.add(2, end, end, from, arena.length);
}

function copyFields(writer: ProtobufWriter, { bytes, start, end }: { bytes: Uint8Array; start: number; end: number }, but: number): void {
  const reader = new ProtobufReader().reset(bytes, start, end);
  while (reader.next()) if (reader.field !== but) writer.raw(bytes, reader.tagStart, reader.stop);
}

function forEachMetric(chunk: Uint8Array, visit: (bytes: Uint8Array, start: number, end: number) => void): void {
  const resources = new ProtobufReader().reset(chunk);
  while (resources.next()) {
    if (resources.field !== 1) continue;
    const scopes = new ProtobufReader().reset(chunk, resources.start, resources.stop);
    while (scopes.next()) {
      if (scopes.field !== resourceLevel.scopes) continue;
      const metrics = new ProtobufReader().reset(chunk, scopes.start, scopes.stop);
      while (metrics.next()) if (metrics.field === scopeLevel.items) visit(chunk, metrics.start, metrics.stop);
    }
  }
}
