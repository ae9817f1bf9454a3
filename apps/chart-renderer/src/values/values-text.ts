import { GoError, type GoMap } from "@invar/go-compat";
import { type HelmVersion, isHelm4 } from "../helm-version.ts";
import { readYamlMap } from "../yaml/read.ts";
import { mergeFiles } from "./tables.ts";

/** The text of a values file: Helm 3 reads its first document, Helm 4 lays each over those before. Throws `GoError`. */
export function readValues(text: string, helmVersion: HelmVersion): GoMap {
  return isHelm4(helmVersion) ? documentsOf(text).map(readDocument).reduce(mergeFiles, new Map()) : readYamlMap(text);
}

function documentsOf(text: string): string[] {
  const documents: string[] = [];
  let current = "";
  for (const line of text.replace(/\n$/, "").split(/\r?\n/)) {
    if (line.startsWith("---")) {
      const rest = line.slice(3).trim();
      if (rest !== "" && !rest.startsWith("#")) throw new GoError(`error reading yaml document: invalid Yaml document separator: ${rest}`);
      if (current !== "") {
        documents.push(current);
        current = "";
        continue;
      }
    }
    current += `${line}\n`;
  }
  return [...documents, current];
}

function readDocument(text: string): GoMap {
  try {
    return readYamlMap(text);
  } catch (error) {
    if (error instanceof GoError) throw new GoError(`cannot unmarshal yaml document: ${error.message}`, { cause: error });
    throw error;
  }
}
