import { GoError } from "@invar/go-compat";

/**
 * An error of a running template as Helm 4 lays it out: a step a paragraph. Where one of the errors that led to it is not the
 * template language's own, as that of a function, the text stays as it is.
 */
export function tracedMessage(error: GoError): string {
  const steps: string[] = [];
  for (let cause: unknown = error; cause instanceof GoError; cause = cause.cause) {
    const step = stepOf(cause.message);
    if (step === undefined) return error.message;
    if (steps.at(-1) !== step) steps.push(step);
  }
  return steps.join("").trim();
}

const PREFIX = "template: ";

function stepOf(message: string): string | undefined {
  if (!message.startsWith(PREFIX)) return undefined;
  const rest = message.slice(PREFIX.length);
  if (rest.startsWith("no template ")) return `${message}\n`;
  const executing = /^(.*?): executing "([^"]*)" at <(.*?)>: (.*)$/s.exec(rest);
  if (executing !== null) {
    const [, location, template, expression, problem] = executing as unknown as [string, string, string, string, string];
    return `${location}\n  executing "${template}" at <${expression}>:\n    ${beforeNext(problem)}\n`;
  }
  const colon = rest.lastIndexOf(": ");
  if (colon < 0) return undefined;
  return `${rest.slice(0, colon)}\n  ${beforeNext(rest.slice(colon + 2))}\n`;
}

/** Without the text of the error that led to this one. */
function beforeNext(problem: string): string {
  return problem.split(" template:")[0] as string;
}
