// Builds the bundle that the server carries: `node build.mjs [folder]`, by default where the server's sources have it.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2] ?? join(here, "../crates/server/src/web/bundle");

// The style sheet travels in the script: a page that needs one file only needs no second connection to begin.
const style = await esbuild.build({
  absWorkingDir: here,
  entryPoints: ["style/main.css"],
  bundle: true,
  minify: true,
  target: ["chrome109", "firefox115", "safari16.4"],
  charset: "utf8",
  write: false,
});

const result = await esbuild.build({
  absWorkingDir: here,
  entryPoints: { main: "src/main.tsx", worker: "src/worker.ts" },
  bundle: true,
  minify: true,
  format: "esm",
  target: ["es2022", "chrome109", "firefox115", "safari16.4"],
  jsx: "automatic",
  jsxImportSource: "preact",
  charset: "utf8",
  legalComments: "none",
  define: { LOGGIA_STYLE: JSON.stringify(style.outputFiles[0].text) },
  outdir: out,
  write: false,
});

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
for (const file of result.outputFiles) writeFileSync(file.path, file.contents);
for (const name of readdirSync(join(here, "static"))) cpSync(join(here, "static", name), join(out, name));

// What is built from others' work says whose it is.
const licences = ["preact", "@preact/signals", "@preact/signals-core", "@noble/hashes"].map((name) => {
  const folder = join(here, "node_modules", name);
  const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  return `${name} ${version}\n\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
});
writeFileSync(join(out, "LICENCES.txt"), licences.join(`\n${"-".repeat(72)}\n\n`));
