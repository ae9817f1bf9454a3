import { mergeFiles, readYamlMap } from "../../apps/chart-renderer/src/index.ts";
import { writeYaml } from "../../apps/chart-renderer/src/yaml/write.ts";

/** One of the problems that an error of the chart lists. */
export interface Problem {
  readonly message: string;
  /** The YAML to write; empty where there is none. */
  readonly advice: string;
}

/** The problems that errors of the chart list. */
export function problemsOf(errors: readonly string[]): Problem[] {
  return errors
    .join("\n")
    .split(/^\d+\. /m)
    .slice(1)
    .map((text) => {
      const [message = "", advice = ""] = text.split("   Please set:\n");
      return { message: message.trim(), advice: advice.replaceAll(/^ {5}/gm, "") };
    });
}

/** The values with what an advice says laid over them. */
export function follow(advice: string, values: string): string {
  return writeYaml(mergeFiles(readYamlMap(values), readYamlMap(advice)));
}
