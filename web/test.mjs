// Runs the tests: bundles each file of test/, lets node's runner take them, and counts as Loggia's other runners do.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "loggia-web-test-"));
try {
  const names = readdirSync(join(here, "test")).filter(
    (name) => name.endsWith(".test.ts") && name.includes(process.argv[2] ?? ""),
  );
  await esbuild.build({
    absWorkingDir: here,
    entryPoints: names.map((name) => `test/${name}`),
    bundle: true,
    platform: "node",
    format: "esm",
    outExtension: { ".js": ".mjs" },
    sourcemap: "inline",
    jsx: "automatic",
    jsxImportSource: "preact",
    banner: {
      js: "import { createRequire as loggiaRequire } from 'node:module'; const require = loggiaRequire(import.meta.url);",
    },
    define: { "import.meta.dirname": JSON.stringify(join(here, "test")) },
    outdir: folder,
  });
  const files = readdirSync(folder)
    .filter((name) => name.endsWith(".mjs"))
    .map((name) => join(folder, name));
  const run = spawnSync(process.execPath, ["--enable-source-maps", "--test", "--test-reporter=tap", ...files], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  const number = (name) => Number(new RegExp(`^# ${name} (\\d+)$`, "m").exec(run.stdout)?.[1] ?? 0);
  const passed = number("pass");
  const failed = number("fail") + number("cancelled") + number("skipped") + number("todo");
  const isGood = run.status === 0 && failed === 0 && passed > 0;
  if (!isGood) console.log(run.stdout, run.stderr);
  console.log(`${passed} passed, ${isGood ? 0 : Math.max(failed, 1)} failed`);
  process.exitCode = isGood ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
