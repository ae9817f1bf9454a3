import { GoError, type GoMap, type GoValue } from "@invar/go-compat";
import { readDocuments } from "../yaml/read-documents.ts";
import { type Assertion, parseAssertion } from "./assertion.ts";
import type { DocumentSelector } from "./select-documents.ts";
import { parseSelector } from "./select-documents.ts";

/** One suite of a helm-unittest file. */
export interface Suite {
  readonly name: string;
  /** The file it is defined in. */
  readonly file: string;
  /** Behind the file's name in that of its snapshots. */
  readonly snapshotId: string;
  readonly settings: Settings;
  readonly excludeTemplates: readonly string[];
  readonly includesCrds: boolean;
  readonly skipReason: string;
  readonly tests: readonly SuiteTest[];
}

export interface SuiteTest {
  readonly name: string;
  readonly settings: Settings;
  readonly documentIndex: number | undefined;
  readonly documentSelector: DocumentSelector | undefined;
  readonly skipReason: string;
  readonly assertions: readonly Assertion[];
}

/** What suites and tests alike may say. */
export interface Settings {
  readonly values: readonly string[];
  readonly set: GoMap;
  readonly templates: readonly string[];
  readonly release: { readonly name: string; readonly namespace: string; readonly revision: bigint; readonly isUpgrade: boolean };
  readonly chart: { readonly version: string; readonly appVersion: string };
  readonly capabilities: Capabilities;
  readonly kubernetes: { readonly scheme: GoMap; readonly objects: readonly GoMap[] };
  readonly usesPostRenderer: boolean;
}

export interface Capabilities {
  readonly majorVersion: string;
  readonly minorVersion: string;
  /** Undefined where it is not said; null where it says that there are none, not even the suite's. */
  readonly apiVersions: readonly string[] | null | undefined;
}

/** The suites of one file. Throws `GoError` with what is wrong with one of them. */
export function parseSuites(file: string, text: string, options: { readonly isStrict: boolean; readonly isRendered?: boolean }): Suite[] {
  const parts = text.split(/(?:^|\s*\n)---\s*/).filter((part) => part.trim() !== "");
  return parts.flatMap((part, index) => {
    const [document] = readDocuments(part);
    if (document === undefined || document === null) return [];
    if (!(document instanceof Map)) throw new GoError("a suite is a mapping with `suite`, `templates` and `tests`");
    return [parseSuite(document, { file, index, isStrict: options.isStrict, isRendered: options.isRendered === true })];
  });
}

interface SuitePlace {
  readonly file: string;
  readonly index: number;
  readonly isStrict: boolean;
  readonly isRendered: boolean;
}

const SHARED_KEYS = ["values", "set", "templates", "release", "chart", "capabilities", "kubernetesProvider", "postRenderer", "skip"];
const SUITE_KEYS = new Set([...SHARED_KEYS, "suite", "excludeTemplates", "includeCrds", "snapshotId", "tests"]);
const TEST_KEYS = new Set([...SHARED_KEYS, "it", "template", "documentIndex", "documentSelector", "asserts"]);

function parseSuite(document: GoMap, { file, index, isStrict, isRendered }: SuitePlace): Suite {
  if (isStrict) checkKeys(document, SUITE_KEYS, "a suite");
  const entries = listAt(document, "tests");
  if (entries.length === 0) throw new GoError("no tests found");
  const name = textAt(document, "suite");
  if (isRendered && name === "") throw new GoError("helm chart based test suites must include `suite` field");
  const suiteSkip = skipReason(mapAt(document, "skip"));
  const tests = entries.map((entry) => parseTest(entry, isStrict));
  const skipsAll = tests.every((test) => test.skipReason !== "");
  return {
    name,
    file,
    snapshotId: textAt(document, "snapshotId") || (isRendered ? String(index) : ""),
    settings: settingsOf(document),
    excludeTemplates: textsAt(document, "excludeTemplates"),
    includesCrds: document.get("includeCrds") === true,
    skipReason: suiteSkip || (skipsAll ? "all tests are skipped" : ""),
    tests,
  };
}

function parseTest(entry: GoValue, isStrict: boolean): SuiteTest {
  if (!(entry instanceof Map)) throw new GoError("a test is a mapping with `it` and `asserts`");
  if (isStrict) checkKeys(entry, TEST_KEYS, "a test");
  const assertions = listAt(entry, "asserts");
  if (assertions.length === 0) throw new GoError("no asserts found");
  const settings = settingsOf(entry);
  const template = textAt(entry, "template");
  const index = entry.get("documentIndex");
  const selector = entry.get("documentSelector");
  return {
    name: textAt(entry, "it"),
    settings: { ...settings, templates: settings.templates.length > 0 || template === "" ? settings.templates : [template] },
    documentIndex: typeof index === "bigint" ? Number(index) : undefined,
    documentSelector: selector instanceof Map ? parseSelector(selector) : undefined,
    skipReason: textAt(mapAt(entry, "skip"), "reason"),
    assertions: assertions.map(parseAssertion),
  };
}

function checkKeys(map: GoMap, known: ReadonlySet<string>, owner: string): void {
  for (const key of map.keys()) if (!known.has(key)) throw new GoError(`field ${key} not found in ${owner}: remove it or correct its name`);
}

// The version of helm-unittest that this runner follows.
const FOLLOWED_VERSION = [1, 1, 0] as const;

function skipReason(skip: GoMap): string {
  const minimum = textAt(skip, "minimumVersion");
  if (minimum === "") return textAt(skip, "reason");
  const wanted = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?/
    .exec(minimum)
    ?.slice(1)
    .map((part) => Number(part ?? 0)) ?? [Number.POSITIVE_INFINITY];
  const difference = FOLLOWED_VERSION.map((part, at) => part - (wanted[at] ?? 0)).find((step) => step !== 0) ?? 0;
  if (difference >= 0) return textAt(skip, "reason");
  return `Test suite requires minimum unittest plugin version ${minimum}, but current version is ${FOLLOWED_VERSION.join(".")}`;
}

function settingsOf(map: GoMap): Settings {
  const release = mapAt(map, "release");
  const chart = mapAt(map, "chart");
  const capabilities = mapAt(map, "capabilities");
  const kubernetes = mapAt(map, "kubernetesProvider");
  const revision = release.get("revision");
  const apiVersions = capabilities.get("apiVersions");
  return {
    values: textsAt(map, "values"),
    set: mapAt(map, "set"),
    templates: textsAt(map, "templates"),
    release: {
      name: textAt(release, "name"),
      namespace: textAt(release, "namespace"),
      revision: typeof revision === "bigint" ? revision : 0n,
      isUpgrade: release.get("upgrade") === true,
    },
    chart: { version: textAt(chart, "version"), appVersion: textAt(chart, "appVersion") },
    capabilities: {
      majorVersion: textAt(capabilities, "majorVersion"),
      minorVersion: textAt(capabilities, "minorVersion"),
      apiVersions: Array.isArray(apiVersions)
        ? apiVersions.filter((one) => typeof one === "string")
        : apiVersions === null
          ? null
          : undefined,
    },
    kubernetes: { scheme: mapAt(kubernetes, "scheme"), objects: listAt(kubernetes, "objects").filter((one) => one instanceof Map) },
    usesPostRenderer: textAt(mapAt(map, "postRenderer"), "cmd") !== "",
  };
}

function mapAt(map: GoMap, key: string): GoMap {
  const value = map.get(key);
  return value instanceof Map ? value : new Map();
}

function listAt(map: GoMap, key: string): readonly GoValue[] {
  const value = map.get(key);
  return Array.isArray(value) ? value : [];
}

/** A text; numbers and booleans as they are written. */
function textAt(map: GoMap, key: string): string {
  const value = map.get(key) ?? null;
  return value === null || typeof value === "object" ? "" : String(value);
}

function textsAt(map: GoMap, key: string): string[] {
  return listAt(map, key).filter((one) => typeof one === "string");
}
