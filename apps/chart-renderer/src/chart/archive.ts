import { isUtf8 } from "node:buffer";
import { posix } from "node:path";
import { gunzipSync } from "node:zlib";
import { quote } from "@invar/go-compat";
import { ChartError, type ChartFile } from "./chart.ts";

// Helm's own limits.
const MAX_CHART_BYTES = 100 * 1024 * 1024;
const MAX_FILE_BYTES = 5 * 1024 * 1024;
const BLOCK = 512;

/** The same of a file at a path, with what Helm says of one that is none. */
export function readArchiveFile(path: string, data: Uint8Array): ChartFile[] {
  if (data[0] === 0x1f && data[1] === 0x8b && data[2] === 8) return readArchive(data);
  const problem = /\.ya?ml$/.test(path)
    ? "seems to be a YAML file, but expected a gzipped archive"
    : `does not appear to be a gzipped archive; got '${contentType(data)}'`;
  throw new ChartError(`file '${path}' ${problem}`);
}

/** As far as files are told apart that people take for charts. Go looks at 512 bytes, zeros where a file is shorter. */
function contentType(data: Uint8Array): string {
  const start = data.subarray(0, BLOCK);
  if (start[0] === 0x50 && start[1] === 0x4b && start[2] === 3 && start[3] === 4) return "application/zip";
  const isText = start.length === BLOCK && isUtf8(start) && !start.some((byte) => byte < 9 || (byte > 13 && byte < 27) || byte === 11);
  return isText ? "text/plain; charset=utf-8" : "application/octet-stream";
}

/** The files of a .tgz, without the folder that they all lie in. Bounded in size; no name leads out of that folder. */
export function readArchive(data: Uint8Array): ChartFile[] {
  const tar = decompress(data);
  const files: ChartFile[] = [];
  let longName: string | undefined;
  for (let at = 0; at + BLOCK <= tar.length; ) {
    const header = tar.subarray(at, at + BLOCK);
    if (header.every((byte) => byte === 0)) break;
    const size = numberField(header);
    const kind = String.fromCharCode(header[156] as number);
    const body = tar.subarray(at + BLOCK, at + BLOCK + size);
    if (body.length < size) throw new ChartError("unexpected EOF");
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
    if (kind === "L") longName = textField(body, 0, body.length);
    else if (kind === "x") longName = paxPath(body) ?? longName;
    else if (kind !== "g") {
      const name = longName ?? nameOf(header);
      longName = undefined;
      if (kind !== "5" && !name.endsWith("/")) files.push({ name: safeName(name), data: checkedSize(name, body) });
    }
  }
  if (files.length === 0) throw new ChartError("no files in chart archive");
  return files;
}

function decompress(data: Uint8Array): Uint8Array {
  try {
    return gunzipSync(data, { maxOutputLength: MAX_CHART_BYTES });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ERR_BUFFER_TOO_LARGE") throw new ChartError(`decompressed chart is larger than the maximum file size ${MAX_CHART_BYTES}`);
    if (code === "Z_BUF_ERROR") throw new ChartError(data.length === 0 ? "EOF" : "unexpected EOF");
    throw new ChartError(message.includes("data check") ? "gzip: invalid checksum" : "gzip: invalid header", { cause: error });
  }
}

function checkedSize(name: string, body: Uint8Array): Uint8Array {
  if (body.length > MAX_FILE_BYTES) {
    throw new ChartError(`decompressed chart file "${name}" is larger than the maximum file size ${MAX_FILE_BYTES}`);
  }
  return withoutMark(body);
}

/** A file's bytes without the mark that some editors put first. */
export function withoutMark(data: Uint8Array): Uint8Array {
  return data[0] === 0xef && data[1] === 0xbb && data[2] === 0xbf ? data.subarray(3) : data;
}

function safeName(name: string): string {
  const delimiter = name.includes("\\") ? "\\" : "/";
  const [base, ...parts] = name.split(delimiter);
  const rest = parts.join("/");
  if (rest.startsWith("/")) throw new ChartError("chart illegally contains absolute paths");
  const path = posix.normalize(rest).replace(/\/$/, "");
  if (path === ".") throw new ChartError(`chart illegally contains content outside the base directory: ${quote(name)}`);
  if (path.startsWith("..")) throw new ChartError("chart illegally references parent directory");
  if (/^[a-zA-Z]:\//.test(path)) throw new ChartError("chart contains illegally named files");
  if (base === "Chart.yaml") throw new ChartError("chart yaml not in base directory");
  return path;
}

function nameOf(header: Uint8Array): string {
  const name = textField(header, 0, 100);
  const prefix = textField(header, 257, 262) === "ustar" ? textField(header, 345, 500) : "";
  return prefix === "" ? name : `${prefix}/${name}`;
}

function textField(bytes: Uint8Array, start: number, end: number): string {
  const field = bytes.subarray(start, end);
  const zero = field.indexOf(0);
  return Buffer.from(zero < 0 ? field : field.subarray(0, zero)).toString();
}

function numberField(header: Uint8Array): number {
  const size = Number.parseInt(textField(header, 124, 136).trim() || "0", 8);
  if (!(size >= 0)) throw new ChartError("archive/tar: invalid tar header");
  return size;
}

function paxPath(body: Uint8Array): string | undefined {
  for (let at = 0; at < body.length; ) {
    const space = body.indexOf(0x20, at);
    const length = Number.parseInt(Buffer.from(body.subarray(at, Math.max(space, at))).toString(), 10);
    if (!(length > 0)) return undefined;
    const record = Buffer.from(body.subarray(space + 1, at + length - 1)).toString();
    if (record.startsWith("path=")) return record.slice("path=".length);
    at += length;
  }
  return undefined;
}
