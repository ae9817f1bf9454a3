import assert from "node:assert/strict";
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { chromium, type Page } from "playwright-core";
import { chromiumFlags } from "../backends/chromium.ts";
import { realPart } from "../backends/real-part.ts";
import { startInvar, temporaryFolder } from "../run/invar.ts";

const folder = temporaryFolder();
after(folder.remove);
const browserPath = realPart("chromium");
const attack = `<img src=x onerror="document.title='broken'"><script>document.title='broken'</script>`;

test("shows components, their inside, the graph and live data; hides secrets; runs no script of a label or line", {
  skip: browserPath.skip,
}, async () => {
  const log = join(folder.path, "a.log");
  const config = join(folder.path, "ui.alloy");
  writeFileSync(log, "");
  writeFileSync(
    config,
    `
livedebugging {
	enabled = true
}
loki.source.file "logs" {
	targets    = [{ __path__ = "${log}", attack = ${JSON.stringify(attack)} }]
	forward_to = [loki.process.lines.receiver]
	file_watch {
		min_poll_frequency = "50ms"
		max_poll_frequency = "50ms"
	}
}
loki.process "lines" {
	forward_to = [loki.write.away.receiver]
	stage.static_labels {
		values = { a = "b" }
	}
}
loki.write "away" {
	endpoint {
		url = "http://127.0.0.1:9/loki/api/v1/push"
		basic_auth {
			username = "user"
			password = "a-very-secret-word"
		}
	}
}
`,
  );
  const invar = await startInvar(config, `--storage.path=${join(folder.path, "data")}`);
  const browser = await chromium.launch({ executablePath: browserPath.path ?? "", args: [...chromiumFlags] });
  try {
    const page = await browser.newPage();
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error" && !message.text().includes("favicon")) problems.push(message.text());
    });

    await page.goto(`${invar.url}/`);
    await page.getByText("3 components").waitFor();
    assert.equal(await page.locator("tbody tr").count(), 3);

    await page.getByPlaceholder("filter by name").fill("process");
    await page.getByRole("link", { name: 'loki.process "lines"' }).click();
    await page.getByRole("heading", { name: "Arguments" }).waitFor();
    assert.match(page.url(), /\/component\/loki\.process\.lines$/);
    assert.match(await bodyText(page), /Sends to\s*loki\.write\.away/);

    await page.getByRole("button", { name: "Watch" }).click();
    const lines = setInterval(() => appendFileSync(log, `${attack} hello\n`), 100);
    try {
      await page.locator(".live pre").first().waitFor();
    } finally {
      clearInterval(lines);
    }
    assert.match((await page.locator(".live pre").first().textContent()) ?? "", /onerror=.*hello/);

    await page.goto(`${invar.url}/component/loki.source.file.logs`);
    await page.getByRole("heading", { name: "Configuration" }).waitFor();
    assert.match(await bodyText(page), /onerror/);

    await page.goto(`${invar.url}/component/loki.write.away`);
    await page.getByRole("heading", { name: "Configuration" }).waitFor();
    assert.match(await bodyText(page), /password\s*\(secret\)/);
    assert.doesNotMatch(await page.content(), /a-very-secret-word/);

    await page.getByRole("link", { name: "Graph" }).click();
    await page.locator(".node").nth(2).waitFor();
    assert.equal(await page.locator(".canvas path").count(), 2);
    const left = async (name: string) => (await page.locator(".place", { hasText: name }).boundingBox())?.x ?? -1;
    assert.ok((await left("loki.source.file")) < (await left("loki.process")));
    assert.ok((await left("loki.process")) < (await left("loki.write")));

    assert.equal(await page.title(), "Invar");
    assert.deepEqual(problems, []);
  } finally {
    await browser.close();
    await invar.kill();
  }
});

test("no page of the API shows a secret", async () => {
  const config = join(folder.path, "secret.alloy");
  writeFileSync(
    config,
    'loki.write "away" {\n\tendpoint {\n\t\turl = "http://127.0.0.1:9/"\n\t\tbasic_auth {\n\t\t\tusername = "u"\n\t\t\tpassword = "a-very-secret-word"\n\t\t}\n\t}\n}\n',
  );
  const invar = await startInvar(config, `--storage.path=${join(folder.path, "data2")}`);
  try {
    for (const path of ["/api/v0/web/components", "/api/v0/web/components/loki.write.away", "/metrics", "/-/healthy"]) {
      const { text } = await invar.get(path);
      assert.doesNotMatch(text, /a-very-secret-word/, path);
    }
    assert.doesNotMatch(invar.log(), /a-very-secret-word/);
  } finally {
    await invar.kill();
  }
});

async function bodyText(page: Page): Promise<string> {
  return (await page.locator("main").textContent()) ?? "";
}
