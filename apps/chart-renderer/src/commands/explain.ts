import { GoError } from "@invar/go-compat";
import { ChartError } from "../chart/chart.ts";
import { explainValues } from "../explanation/explain-values.ts";
import { explanationHtml } from "../explanation/explanation-html.ts";
import { explanationText } from "../explanation/explanation-text.ts";
import { CHART_OPTIONS, chartRequest, readFlags } from "./chart-flags.ts";
import type { CommandResult } from "./template.ts";

const OPTIONS = { ...CHART_OPTIONS, output: { type: "string", short: "o" } } as const;

const USAGE = "invar-chart explain CHART [KEY] [-f VALUES] [--set …] [-o text|html]";

/** `invar-chart explain CHART [KEY]`: for each value the layers that set it, which won, and the lines of templates that read it. */
export function explainCommand(args: readonly string[]): CommandResult {
  try {
    const { values: flags, positionals } = readFlags(args, OPTIONS, USAGE);
    const [path, key = "", ...rest] = positionals;
    if (path === undefined || rest.length > 0) throw new ChartError(`one chart and at most one key: write \`${USAGE}\``);
    const format = flags.output ?? "text";
    if (format !== "text" && format !== "html") throw new ChartError(`unknown format "${format}": write -o text or -o html`);
    const { options, layers } = chartRequest(path, flags);
    const explanation = explainValues(options, layers, key);
    if (key !== "" && explanation.values.length === 0) {
      throw new ChartError(`there is no value ${key}: write a key from the root chart's values on, like image.tag`);
    }
    const stdout = format === "html" ? explanationHtml(options.chart.name, explanation) : explanationText(explanation);
    return { code: 0, stdout, stderr: "" };
  } catch (error) {
    if (error instanceof ChartError || error instanceof GoError) return { code: 1, stdout: "", stderr: `Error: ${error.message}\n` };
    throw error;
  }
}
