// node filter.bench.ts: CPU microseconds a line, of lines without keywords, with keywords but no secret, and with a secret.
import { Detector } from "./detector.ts";
import { defaultRuleSet } from "./rule-set.ts";

const detector = new Detector(defaultRuleSet());
const line =
  'level=info ts=2026-01-02T03:04:05Z caller=server.go:117 msg="request served" method=GET path=/v1/items/42 status=200 bytes=5120';
const cases = {
  plain: line,
  keywords: `${line} token=refreshed key=user-17 auth=ok`,
  secret: `${line} credential=ghp_${"q7Rk2mZx9Lw4Tn8Vb3Yc6Hd1Jf5Gp0SaQeUi"}`,
};
const never = () => false;
for (const [name, text] of Object.entries(cases)) {
  const bytes = Buffer.from(text);
  const rounds = name === "plain" ? 1_000_000 : 50_000;
  for (let i = 0; i < 2000; i++) detector.find(bytes, 0, bytes.length, never);
  const before = process.cpuUsage();
  let found = 0;
  for (let i = 0; i < rounds; i++) found += detector.find(bytes, 0, bytes.length, never).length;
  const { user, system } = process.cpuUsage(before);
  console.log(`${name}: ${((user + system) / rounds).toFixed(3)} µs a line of ${bytes.length} bytes, ${found / rounds} found`);
}
