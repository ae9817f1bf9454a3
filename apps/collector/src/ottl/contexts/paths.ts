import { didYouMean } from "../../component/did-you-mean.ts";
import { type Path, pathText, type Segment } from "../syntax/tree.ts";
import type { Access, Key } from "./access.ts";
import { cachePath } from "./cache-path.ts";
import { type ContextName, contexts, type PathContext } from "./context.ts";
import { datapointPath, exemplarPath } from "./datapoint-paths.ts";
import { logPath } from "./log-paths.ts";
import { metricPath } from "./metric-paths.ts";
import { otelcolPath } from "./otelcol-paths.ts";
import { pathNames } from "./path-names.ts";
import { PathFault, type PathParts } from "./path-parts.ts";
import { resourcePath, scopePath } from "./resource-paths.ts";
import { spanEventPath, spanPath } from "./span-paths.ts";

const readers: Readonly<Record<PathContext, (path: PathParts) => Access | undefined>> = {
  resource: resourcePath,
  scope: scopePath,
  instrumentation_scope: scopePath,
  otelcol: otelcolPath,
  span: spanPath,
  spanevent: spanEventPath,
  metric: metricPath,
  datapoint: datapointPath,
  exemplar: exemplarPath,
  log: logPath,
};

const sharedIn: Readonly<Record<ContextName, readonly PathContext[]>> = {
  resource: [],
  scope: ["resource"],
  span: ["resource", "scope", "instrumentation_scope"],
  spanevent: ["resource", "scope", "instrumentation_scope", "span"],
  metric: ["resource", "scope", "instrumentation_scope"],
  datapoint: ["resource", "scope", "instrumentation_scope", "metric"],
  exemplar: ["resource", "scope", "instrumentation_scope", "metric", "datapoint"],
  log: ["resource", "scope", "instrumentation_scope"],
};

/** How the path is accessed in statements of a context. Throws `PathFault` where there is no such path. */
export function accessOf(
  path: Path,
  context: ContextName,
  needsContext: boolean,
  compileKeys: (segment: Segment) => readonly Key[],
): Access {
  const [pathContext, segments] = contextOf(path, context, needsContext);
  try {
    return readerOf(path, pathContext, segments, context, compileKeys);
  } catch (error) {
    if (error instanceof PathFault && error.segment !== undefined) error.place = segments[error.segment];
    throw error;
  }
}

function readerOf(
  path: Path,
  pathContext: PathContext,
  segments: readonly Segment[],
  context: ContextName,
  compileKeys: (segment: Segment) => readonly Key[],
): Access {
  const parts: PathParts = { names: segments.map(({ name }) => name), keys: segments.map(compileKeys), context };
  if (parts.names[0] === "cache") {
    if (pathContext !== context) {
      const wanted = pathText(path).replace(`${pathContext}.`, `${context}.`);
      throw new PathFault(
        `access to cache must be performed using the same context, please replace ${JSON.stringify(pathText(path))} with ${JSON.stringify(wanted)}`,
        { hint: `write ${wanted}` },
      );
    }
    return cachePath(parts, path);
  }
  const access = readers[pathContext](parts);
  if (access === undefined) throw unknownSegment(path, segments, pathContext);
  return sharedIn[context].includes(pathContext) ? { ...access, isShared: true } : access;
}

/** The path's context and what follows it. */
function contextOf(path: Path, context: ContextName, needsContext: boolean): readonly [PathContext, readonly Segment[]] {
  const { pathContexts } = contexts[context];
  const [first, ...rest] = path.segments as [Segment, ...Segment[]];
  const isContext = rest.length > 0 && first.keys.length === 0;
  if (isContext && pathContexts.includes(first.name as PathContext)) return [first.name as PathContext, rest];
  if (!needsContext) return [context, path.segments];
  const text = pathText(path);
  if (isContext)
    throw new PathFault(
      `context ${JSON.stringify(first.name)} from path ${JSON.stringify(text)} is not valid, it must be replaced by one of: ${pathContexts.map((name) => JSON.stringify(name)).join(", ")}`,
      { hint: didYouMean(first.name, pathContexts), place: first },
    );
  throw new PathFault(
    `missing context name for path ${JSON.stringify(text)}, possibly valid options are: ${pathContexts.map((name) => JSON.stringify(`${name}.${text}`)).join(", ")}`,
    { hint: `write ${context}.${text}` },
  );
}

function unknownSegment(path: Path, segments: readonly Segment[], context: PathContext): PathFault {
  const [first] = segments as [Segment, ...Segment[]];
  const at = segments.length > 1 && known(context, [first.name]) ? 1 : 0;
  const segment = segments[at];
  const before = segments.slice(0, at).map(({ name: each }) => each);
  const hint = didYouMean(
    segment?.name ?? "",
    pathNames.filter((each) => known(context, [...before, each])),
  );
  const name = context === "instrumentation_scope" ? "scope" : context;
  const reference = `https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/pkg/ottl/contexts/ottl${name}`;
  return new PathFault(
    `segment ${JSON.stringify(segment?.name ?? "")} from path ${JSON.stringify(pathText(path))} is not a valid path nor a valid OTTL keyword for the ${name} context - review ${reference} to see all valid paths`,
    { segment: at, hint },
  );
}

function known(context: PathContext, names: readonly string[]): boolean {
  try {
    return readers[context]({ names, keys: names.map(() => []), context: "log" }) !== undefined;
  } catch (error) {
    if (error instanceof PathFault) return false;
    throw error;
  }
}
