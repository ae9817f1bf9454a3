/** What is wrong with a label selector, as the API server would say it; undefined: nothing. */
export function labelSelectorError(text: string): string | undefined {
  const requirements = splitOutside(text);
  if (requirements.length === 1 && requirements[0]?.trim() === "") return undefined;
  for (const requirement of requirements)
    if (!forms.some((form) => form.test(requirement.trim()))) return `unable to parse requirement: ${JSON.stringify(requirement.trim())}`;
  return undefined;
}

/** The same for a field selector: `path=value`, `path==value`, `path!=value`, with commas between. */
export function fieldSelectorError(text: string): string | undefined {
  for (const requirement of text.split(/(?<!\\),/))
    if (requirement.trim() !== "" && !/^[^=!]+(!=|==?)/.test(requirement.trim()))
      return `invalid selector: '${text}'; can't understand '${requirement}'`;
  return undefined;
}

const key = "(?:[a-z0-9A-Z][a-z0-9A-Z.-]*/)?[a-z0-9A-Z](?:[a-z0-9A-Z._-]*[a-z0-9A-Z])?";
const value = "(?:[a-z0-9A-Z](?:[a-z0-9A-Z._-]*[a-z0-9A-Z])?)?";

const forms: readonly RegExp[] = [
  new RegExp(`^!?\\s*${key}$`),
  new RegExp(`^${key}\\s*(?:==?|!=)\\s*${value}$`),
  new RegExp(`^${key}\\s*[<>]\\s*-?\\d+$`),
  new RegExp(`^${key}\\s+(?:in|notin)\\s*\\(\\s*${value}\\s*(?:,\\s*${value}\\s*)*\\)$`),
];

/** At commas which are not inside of parentheses. */
function splitOutside(text: string): string[] {
  return text.split(/,(?![^(]*\))/);
}
