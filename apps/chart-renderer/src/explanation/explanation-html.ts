import type { ExplainedValue, Explanation } from "./explain-values.ts";
import { originText } from "./explanation-text.ts";
import { valueText } from "./value-text.ts";

/** The same on one page that needs nothing else, with a field to search in it. */
export function explanationHtml(chart: string, { values, findings }: Explanation): string {
  const problems = findings.map(
    ({ message }) => `<p class="problem">The chart does not render, so some readers are missing: ${escaped(message)}</p>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Values of ${escaped(chart)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Values of ${escaped(chart)}</h1>
${problems.join("\n")}
<p><label>Search <input type="search" id="search" autofocus></label> <span id="count">${values.length}</span> of ${values.length} values</p>
<table>
<thead><tr><th scope="col">Value</th><th scope="col">Set by</th><th scope="col">Read by</th></tr></thead>
<tbody>
${values.map(rowOf).join("\n")}
</tbody>
</table>
<script>${SCRIPT}</script>
</body>
</html>
`;
}

function rowOf({ key, value, origins, readers }: ExplainedValue): string {
  const layers = origins.map((origin, index) => {
    const text = `${escaped(originText(origin))}: <code>${escaped(valueText(origin.value))}</code>`;
    return index === 0 ? `<li class="winner">${text} <b>wins</b></li>` : `<li>${text}</li>`;
  });
  const lines = readers.map(({ file, line }) => `<li>${escaped(file)}:${line}</li>`);
  const shown = value === undefined ? "removed by null" : valueText(value);
  return `<tr id="${escaped(key)}"><th scope="row">${escaped(key)}<br><code>${escaped(shown)}</code></th><td><ol>${layers.join("")}</ol></td><td>${
    lines.length === 0 ? "no template, with these values" : `<ul>${lines.join("")}</ul>`
  }</td></tr>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

const STYLE = `
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem; color: #1b1f24; background: #fff; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .4rem .8rem; border-bottom: 1px solid #d5d9de; overflow-wrap: anywhere; }
tbody th { font-weight: 600; width: 28%; }
ol, ul { margin: 0; padding-left: 1.2rem; }
code { font: 13px/1.4 ui-monospace, monospace; font-weight: 400; }
.winner b { color: #0a6b3d; }
.problem { color: #a11; }
@media (prefers-color-scheme: dark) { body { color: #e6e8ea; background: #16191d; } th, td { border-color: #363b42; } .winner b { color: #5fd39a; } }
`;

const SCRIPT = `
const search = document.getElementById("search");
const rows = [...document.querySelectorAll("tbody tr")];
search.addEventListener("input", () => {
  const wanted = search.value.toLowerCase();
  let count = 0;
  for (const row of rows) {
    row.hidden = !row.textContent.toLowerCase().includes(wanted);
    if (!row.hidden) count++;
  }
  document.getElementById("count").textContent = count;
});
`;
